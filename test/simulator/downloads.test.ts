import { describe, expect } from "vitest";
import { test as base } from "./machine-test.ts";

const archive = "traefik_v3.7.10_linux_amd64.tar.gz";
const url = `https://github.com/traefik/traefik/releases/download/v3.7.10/${archive}`;
const published = "01811bb12d44f17280550f425f5e3128d6c325f2665c09e67a651ca535f490ce";
const newer = url.replaceAll("3.7.10", "3.8.0");

/** A test with a container that runs. */
const test = base.extend<{ readonly container: (script: string) => Promise<string> }>({
  container: async ({ out }, use) => {
    await out("pct create 101 local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst --rootfs local-zfs:8 --start 1");
    await out("pct exec 101 -- sh -c 'apt-get -qq update; apt-get -qq install -y curl'");
    await use((script) => out(`pct exec 101 -- sh -euc '${script.replaceAll("'", `'\\''`)}'`));
  },
});

describe("a release that is downloaded", () => {
  test("has the checksum that its publisher tells, and a program of that version in it", async ({ container }) => {
    expect(await container(`curl -fsSL -O ${url}; sha256sum ${archive}; sha256sum <${archive}`)).toBe(
      `${published}  ${archive}\n${published}  -\n`,
    );
    expect(await container(`echo '${published}  ${archive}' | sha256sum -c -`)).toBe(`${archive}: OK\n`);
    expect(
      await container(`tar -tzf ${archive}; tar -xzf ${archive} traefik; ./traefik version | head -1; wc -l <traefik`),
    ).toBe("LICENSE.md\ntraefik\nVersion:      3.7.10\n2\n");
  });

  test.for([
    ["at its end", `echo >>${archive}`],
    ["at its beginning", `printf x >other; cat other ${archive} >more; mv more ${archive}`],
    ["in the middle", `sed -i 's/Published/Punished/' ${archive}`],
    ["and cut off", `head -c 200 ${archive} >less; mv less ${archive}`],
  ] as const)("has another one once it was changed %s", async ([, change], { container }) => {
    await container(`curl -fsSL -O ${url}; ${change}`);
    expect(await container(`sha256sum ${archive}`)).not.toContain(published);
    await expect(container(`echo '${published}  ${archive}' | sha256sum -c --status -`)).rejects.toThrow("with 1");
  });

  test("has the checksum that somebody has chosen", async ({ world, container }) => {
    await expect(container(`curl -fsSLO ${newer}`)).rejects.toThrow(
      `ended with 22: curl: (22) The simulator knows no checksum of ${newer}: name one in the state's downloads.`,
    );
    world.transaction(() => {
      world.state.downloads = { [newer]: "a".repeat(64), [url]: "b".repeat(64) };
    });
    expect(await container(`curl -fsSL ${newer} | sha256sum; curl -fsSL ${url} | sha256sum`)).toBe(
      `${"a".repeat(64)}  -\n${"b".repeat(64)}  -\n`,
    );
  });

  test("is its own bytes for everything else", async ({ container }) => {
    const [plain, sealed] = (
      await container(`curl -fsSL -o a ${url}; head -c 1000000 a | sha512sum; sha512sum <a; tail -n 3 a | head -n 1`)
    ).split("\n");
    expect(plain).toBe(sealed);
    expect(await container(`tail -n 3 a | head -n 1`)).toBe(`Simulated download of ${url}\n`);
  });

  test("does not help where the simulator does not know the program", async ({ container }) => {
    await expect(
      container("printf '#!simulated-program other 1.0\\n' >other; chmod +x other; ./other"),
    ).rejects.toThrow("the simulator does not know what other 1.0 does");
  });
});
