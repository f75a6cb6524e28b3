import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { pinReleases } from "../../toolchain/from-release.mjs";
import { toolchainStore } from "../../toolchain/installation.mjs";
import { loadPins } from "../../toolchain/pins.mjs";
import { setUpToolchain, type SetupContext } from "../../toolchain/setup.mjs";
import { Progress } from "../../toolchain/progress.mjs";

const platform = `${process.platform}-${process.arch}`;

let folder: string;
let notes: string[];
let server: Server | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "setup-"));
  notes = [];
});

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
});

test.each([
  [{ XDG_CACHE_HOME: "/cache" }, "/cache/proxmox-homelab/toolchain"],
  [{ XDG_CACHE_HOME: "" }, toolchainStore({})],
  [{ XDG_CACHE_HOME: "cache" }, toolchainStore({})],
])("installations are kept where %j says", (env, expected) => {
  expect(toolchainStore(env)).toBe(expected);
});

describe("--from path", () => {
  test("uses a compatible pulumi and installs the plugins with it, once", async () => {
    fakePulumi("v3.260.1");
    const context = contextWith({});
    const first = await setUpToolchain(context, "path");
    expect(first).toMatchObject({ from: "path", version: "3.260.1", home: null, pulumi: join(folder, "bin/pulumi") });
    expect(calls()).toEqual([
      "version",
      "plugin install resource proxmoxve 8.6.0 --server github://api.github.com/muhlba91",
      "plugin install resource command 4.5.0",
    ]);
    expect(await setUpToolchain(context, "path")).toEqual(first);
    expect(await setUpToolchain(context, "auto")).toEqual(first);
    expect(calls()).toHaveLength(3);
  });

  test("looks again when the pulumi on PATH is another one", async () => {
    fakePulumi("v3.260.1");
    await setUpToolchain(contextWith({}), "path");
    fakePulumi("v3.261.0-longer");
    expect(await setUpToolchain(contextWith({}), "path")).toMatchObject({ version: "3.261.0" });
  });

  test.each([
    ["v3.100.0", "Its version is v3.100.0; needed is at least 3.259.0 and below 4.0.0."],
    ["v4.0.0", "Its version is v4.0.0; needed is at least 3.259.0 and below 4.0.0."],
  ])("refuses version %s", async (version, why) => {
    fakePulumi(version);
    await expect(setUpToolchain(contextWith({}), "path")).rejects.toThrow(why);
    expect(installations()).toEqual([]);
  });

  test("says that there is no pulumi", async () => {
    await expect(setUpToolchain(contextWith({}), "path")).rejects.toThrow(
      /Looking for pulumi on PATH\.\n {2}Why: There is none\.\n {2}What to do: Install Pulumi/,
    );
  });

  test("does not take the engine that setup itself installed for the user's", async () => {
    const context = contextWith({});
    mkdirSync(join(context.store, "bin"), { recursive: true });
    writeExecutable(join(context.store, "bin/pulumi"), "exit 9");
    const env = { ...context.env, PATH: `${join(context.store, "bin")}:${context.env["PATH"] ?? ""}` };
    await expect(setUpToolchain({ ...context, env }, "path")).rejects.toThrow("There is none.");
  });
});

describe("--from release", () => {
  test("installs an archive whose SHA-256 is the pinned one, and the plugins", async () => {
    const archive = releaseArchive();
    const url = await serve((path) => (path === "/pulumi-v3.259.0.tar.gz" ? archive : undefined));
    const context = contextWith({
      downloads: [`${url}/missing`, `${url}/pulumi-v{version}.tar.gz`],
      sha256: sha256(archive),
    });
    const installation = await setUpToolchain(context, "release");
    expect(installation).toMatchObject({ from: "release", home: join(context.store, "0123456789abcdef-release/home") });
    expect(readdirSync(join(installation.pulumi, ".."))).toEqual(["pulumi"]);
    expect(Object.values(installation.plugins).every((plugin) => existsSync(plugin))).toBe(true);
  });

  test("refuses an archive with another SHA-256 and leaves nothing behind", async () => {
    const url = await serve(() => releaseArchive());
    const context = contextWith({ downloads: [`${url}/pulumi.tar.gz`], sha256: "0".repeat(64) });
    await expect(setUpToolchain(context, "release")).rejects.toThrow(`pinned is ${"0".repeat(64)}`);
    expect(installations()).toEqual([]);
  });

  test("names every address that failed and why", async () => {
    const url = await serve(() => undefined);
    const context = contextWith({ downloads: [`${url}/a`, "http://127.0.0.1:1/b"], sha256: "0".repeat(64) });
    await expect(setUpToolchain(context, "release")).rejects.toThrow(
      /\/a answered 404 Not Found\n.*http:\/\/127\.0\.0\.1:1\/b: fetch failed \(.+\)/,
    );
  });

  test("says how to pin a platform that has no SHA-256", async () => {
    await expect(setUpToolchain(contextWith({}), "release")).rejects.toThrow("npm run setup -- --pin-releases");
  });
});

describe("--pin-releases", () => {
  const published = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "windows-x64"]
    .map((name, index) => `${String(index).repeat(64)}  pulumi-v3.259.0-${name}.tar.gz`)
    .join("\n");

  test("writes the official checksums of every platform into pins.json", async () => {
    const url = await serve((path) => (path === "/pulumi-3.259.0-checksums.txt" ? Buffer.from(published) : undefined));
    const context = contextWith({ checksums: `${url}/pulumi-{version}-checksums.txt` });
    await pinReleases(context);
    expect(loadPins(context.toolchainFolder).pulumi.sha256).toEqual({
      "linux-x64": "0".repeat(64),
      "linux-arm64": "1".repeat(64),
      "darwin-x64": "2".repeat(64),
      "darwin-arm64": "3".repeat(64),
    });
    expect(readdirSync(context.store)).toEqual([]);
  });

  test("refuses checksums that lack a platform, and changes nothing", async () => {
    const url = await serve(() => Buffer.from(published.replace("darwin-arm64", "plan9-arm64")));
    const context = contextWith({ checksums: `${url}/x` });
    await expect(pinReleases(context)).rejects.toThrow("They have no line for pulumi-v3.259.0-darwin-arm64.tar.gz.");
    expect(existsSync(join(context.toolchainFolder, "pins.json"))).toBe(false);
  });
});

describe("--from source", () => {
  test("builds the four programs, and has each plugin write its schema", async () => {
    fakeGo("go1.26.8");
    const installation = await setUpToolchain(contextWith({}), "source");
    expect(installation.from).toBe("source");
    expect(Object.keys(installation.built ?? {})).toEqual([
      "pulumi",
      "pulumi-language-nodejs",
      "pulumi-resource-proxmoxve",
      "pulumi-resource-command",
    ]);
    expect(existsSync(join(installation.plugins["proxmoxve"] ?? "", "schema.json"))).toBe(true);
  });

  test("refuses an older Go", async () => {
    fakeGo("go1.25.9");
    await expect(setUpToolchain(contextWith({}), "source")).rejects.toThrow(
      "go on PATH is 1.25.9; needed is at least 1.26.",
    );
  });

  test("shows what the compiler said, and leaves nothing behind", async () => {
    fakeGo("go1.26.8", 'echo "main.go:3:1: syntax error" >&2; exit 1');
    await expect(setUpToolchain(contextWith({}), "source")).rejects.toThrow(
      /Building pulumi from .*\n[^]*main\.go:3:1: syntax error/,
    );
    expect(installations()).toEqual([]);
  });

  test("leaves nothing behind when it is interrupted", async () => {
    fakeGo("go1.26.8", `touch ${join(folder, "building")}; exec sleep 60`);
    const controller = new AbortController();
    const setup = setUpToolchain({ ...contextWith({}), signal: controller.signal }, "source");
    await expect.poll(() => existsSync(join(folder, "building"))).toBe(true);
    controller.abort(new Error("interrupted"));
    await expect(setup).rejects.toThrow();
    expect(readdirSync(join(folder, "store"))).toEqual([]);
  });
});

describe("--from auto", () => {
  test("falls back from an unfit pulumi to the next way, and does not try it again", async () => {
    fakePulumi("v3.1.0");
    fakeGo("go1.26.8");
    const context = contextWith({});
    const first = await setUpToolchain(context, "auto");
    expect(first.from).toBe("source");
    expect(notes.join("\n")).toContain("--from path is not possible here.");
    const before = calls();
    expect(before.filter((call) => call === "version")).toHaveLength(1);
    expect(await setUpToolchain(context, "auto")).toEqual(first);
    expect(calls()).toEqual(before);
  });

  test("tells all that was tried when nothing works", async () => {
    const failure = setUpToolchain(contextWith({}), "auto");
    await expect(failure).rejects.toThrow(
      /--from path: [^]*--from release: [^]*--from source: [^]*There is no go on PATH/,
    );
  });

  test("installs once when two setups run at the same time", async () => {
    fakeGo("go1.26.8");
    const [first, second] = await Promise.all([
      setUpToolchain(contextWith({}), "auto"),
      setUpToolchain(contextWith({}), "auto"),
    ]);
    expect(first).toEqual(second);
    expect(calls().filter((call) => call.startsWith("build"))).toHaveLength(4);
    expect(notes.join("\n")).toContain("Another setup is running");
  });

  test("clears away what a killed setup left: its staging folder and its lock", async () => {
    fakeGo("go1.26.8");
    const store = join(folder, "store");
    mkdirSync(join(store, "0123456789abcdef-source.staging-999999999"), { recursive: true });
    writeFileSync(join(store, "lock"), "999999999");
    await setUpToolchain(contextWith({}), "auto");
    expect(readdirSync(store)).toEqual(["0123456789abcdef-source"]);
  });
});

class SilentProgress extends Progress {
  override note(line: string): void {
    notes.push(line);
  }
}

function contextWith(release: {
  downloads?: string[];
  sha256?: string;
  checksums?: string;
}): SetupContext & { toolchainFolder: string } {
  const toolchainFolder = join(folder, "toolchain");
  for (const module of ["engine", "language-nodejs", "proxmoxve", "command"]) {
    mkdirSync(join(toolchainFolder, module), { recursive: true });
  }
  writeFileSync(join(toolchainFolder, "language-nodejs/pulumi-language-nodejs.sh"), "");
  return {
    toolchainFolder,
    store: join(folder, "store"),
    key: "0123456789abcdef",
    pins: {
      pulumi: {
        version: "3.259.0",
        compatible: { minimum: "3.259.0", below: "4.0.0" },
        downloads: release.downloads ?? [],
        checksums: release.checksums ?? "",
        sha256: release.sha256 === undefined ? {} : { [platform]: release.sha256 },
      },
      plugins: {
        proxmoxve: { version: "8.6.0", server: "github://api.github.com/muhlba91" },
        command: { version: "4.5.0" },
      },
      go: { minimum: "1.26" },
    },
    env: { PATH: `${join(folder, "bin")}:/usr/bin:/bin`, PULUMI_HOME: join(folder, "pulumi-home") },
    progress: new SilentProgress(),
  };
}

/** Lists what is in the store besides the notes about an unfit pulumi. */
function installations(): string[] {
  const store = join(folder, "store");
  return existsSync(store) ? readdirSync(store).filter((entry) => !entry.endsWith("-unfit.json")) : [];
}

const pluginInstall = 'if [ "$1" = plugin ]; then mkdir -p "$PULUMI_HOME/plugins/resource-$4-v$5"; fi';

function fakePulumi(version: string): void {
  const log = `echo "$*" >> ${join(folder, "calls")}`;
  writeExecutable(join(folder, "bin/pulumi"), `${log}\n[ "$1" = version ] && echo ${version}\n${pluginInstall}`);
  writeExecutable(join(folder, "bin/pulumi-language-nodejs"), "");
}

function fakeGo(version: string, build?: string): void {
  const product = `printf '#!/bin/sh\\n[ "$1" = --write-schema ] && touch "$2/schema.json"\\n' > "$4"; chmod +x "$4"`;
  writeExecutable(
    join(folder, "bin/go"),
    `echo "$*" >> ${join(folder, "calls")}
if [ "$1" = env ]; then echo ${version}; exit; fi
echo some/package >&2
${build ?? product}
exit 0`,
  );
}

function writeExecutable(file: string, script: string): void {
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

function calls(): string[] {
  const file = join(folder, "calls");
  return existsSync(file)
    ? readFileSync(file, "utf8")
        .trim()
        .split("\n")
        .filter((call) => !call.startsWith("env "))
    : [];
}

function releaseArchive(): Buffer {
  const content = join(folder, "release/pulumi");
  writeExecutable(join(content, "pulumi"), pluginInstall);
  return execFileSync("tar", ["-czf", "-", "-C", join(folder, "release"), "pulumi"]);
}

function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

async function serve(content: (path: string) => Buffer | undefined): Promise<string> {
  const started = createServer((request, response) => {
    const body = content(request.url ?? "");
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
}
