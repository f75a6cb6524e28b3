import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, test as base, vi } from "vitest";
import { parseCommandLine } from "../../simulator/src/command-line.ts";
import { request } from "../../simulator/src/request.ts";

const project = resolve(import.meta.dirname, "../..");

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Ready {
  readonly url: string;
  readonly caFile: string;
  readonly username: string;
  readonly password: string;
  readonly apiToken: string;
  readonly fingerprint: string;
  readonly [name: string]: unknown;
}

/** A simulator that runs in a process of its own. */
interface Running {
  readonly ready: Ready;
  readonly stderr: () => string;
  /** Makes a request with the credentials that it has printed. */
  readonly ask: <T>(method: string, path: string, parameters?: Readonly<Record<string, string>>) => Promise<T>;
  readonly signal: (signal: NodeJS.Signals) => Promise<Ended>;
}

interface Fixtures {
  /** Where the processes have their temporary files. */
  readonly temporary: string;
  /** Runs the command until it ends by itself. */
  readonly run: (...args: string[]) => Promise<Ended>;
  /** Runs the command until it is ready. */
  readonly start: (...args: string[]) => Promise<Running>;
}

const test = base.extend<Fixtures>({
  // eslint-disable-next-line no-empty-pattern -- vitest reads the names of the fixtures out of the pattern
  temporary: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), "command-line-"));
    await use(folder);
    rmSync(folder, { recursive: true, force: true });
  },
  run: async ({ temporary }, use) => {
    await use((...args) => ended(launch(temporary, args)));
  },
  start: async ({ temporary }, use) => {
    const children: ChildProcess[] = [];
    await use(async (...args) => {
      const child = launch(temporary, ["--port", "0", "--print", "json", ...args]);
      children.push(child);
      const result = ended(child);
      const line = await Promise.race([once(child.stdout ?? child, "data"), result]);
      if (!Array.isArray(line)) throw new Error(line.stderr);
      const ready = JSON.parse(String(line[0])) as Ready;
      const { url, caFile, apiToken } = ready;
      let stderr = "";
      child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
      return {
        ready,
        stderr: () => stderr,
        ask: (method, path, parameters) =>
          request({ url, ca: readFileSync(caFile, "utf8"), apiToken }, method, path, parameters),
        signal: (signal) => {
          child.kill(signal);
          return result;
        },
      };
    });
    for (const child of children) child.kill("SIGKILL");
  },
});

function launch(temporary: string, args: readonly string[]): ChildProcess {
  const folder = join(temporary, "tmp");
  mkdirSync(folder, { recursive: true });
  return spawn(process.execPath, ["toolchain/run.mjs", "--no-setup", "simulator/src/main.ts", ...args], {
    cwd: project,
    env: { ...process.env, TMPDIR: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function ended(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

/** What is left in the temporary folder. */
function leftovers(temporary: string): string[] {
  return readdirSync(join(temporary, "tmp"));
}

vi.setConfig({ testTimeout: 60_000 });

describe("what is wrong is said", () => {
  base.for([
    [
      ["--port", "x"],
      "--port x\n  This is not a port.\n  Give a number from 1 to 65535, or 0 for any port that is free.",
    ],
    [["--port", "70000"], "--port 70000\n  This is not a port."],
    [["--print", "xml"], "--print xml\n  There is no such way to print.\n  Give text, or json for programs."],
    [["--speed", "fast"], "--speed fast\n  This is not a speed.\n  Give instant, real, or how many times faster"],
    [["--speed", "0"], "--speed 0\n  This is not a speed."],
    [["--fault", "POST"], `--fault 'POST'\n  "POST" is not a fault. Write METHOD PATH, and one of:`],
    [["--port"], "The command line\n  Option '--port <value>' argument missing.\n  See --help"],
    [["start"], "The command line\n  Unexpected argument 'start'."],
  ] as const)("%j", ([args, message]) => {
    expect(() => parseCommandLine(args)).toThrow(message);
  });

  test.for([
    [["--colour"], "The command line\n  Unknown option '--colour'.\n  See --help for what there is."],
    [["--incident", "flood"], `--incident 'flood'\n  "flood" is not an incident. Write one of:`],
    [["--seed", "missing.yaml"], "--seed missing.yaml\n  The file cannot be read: ENOENT"],
    [["--state", "simulator"], "--state simulator\n  The folder holds something else: "],
    [["--directory", "package.json/ca"], "--directory package.json/ca\n  The certificate authority cannot be written"],
  ] as const)("%j, without a stack and with exit code 2", async ([args, message], { run, temporary }) => {
    const { code, stdout, stderr } = await run("--port", "0", ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.startsWith(message), stderr).toBe(true);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect(leftovers(temporary)).toEqual([]);
  });

  test("a port in use", async ({ run, temporary }) => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    expect(await run("--port", String(port), "--state", join(temporary, "state"))).toEqual({
      code: 2,
      stdout: "",
      stderr: `--port ${port}\n  Something listens on port ${port} of 127.0.0.1 already: another simulator, perhaps, or a tunnel to a node.\n  Stop it, or choose another port; --port 0 takes any that is free.\n`,
    });
    server.close();
    expect(readdirSync(join(temporary, "state")).filter((name) => name.startsWith("lock"))).toEqual([]);
  });
});

test("--help prints what there is", async ({ run }) => {
  const { code, stdout, stderr } = await run("--help");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  for (const option of ["port", "print", "seed", "state", "speed", "fault", "incident", "directory", "verbose"]) {
    expect(stdout).toContain(`  --${option}`);
  }
});

test("--print json prints one line, with which a client can work", async ({ start, temporary }) => {
  const simulator = await start();
  const { ready } = simulator;
  expect(ready).toMatchObject({
    url: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+\/$/) as string,
    caFile: expect.stringContaining(temporary) as string,
    username: "root@pam",
    password: expect.stringMatching(/.{20}/) as string,
    apiToken: expect.stringMatching(/^root@pam!simulator=[0-9a-f-]{36}$/) as string,
    fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/) as string,
  });
  expect(await simulator.ask("GET", "/version")).toMatchObject({ release: "9.2" });
  const { stdout } = await simulator.signal("SIGTERM");
  expect(stdout.match(/\n/g)).toHaveLength(1);
});

test("--print text names each thing on a line of its own", async ({ temporary }) => {
  const child = launch(temporary, ["--port", "0"]);
  const result = ended(child);
  if (child.stdout !== null) await once(child.stdout, "data");
  child.kill("SIGINT");
  const { stdout } = await result;
  for (const name of ["url", "caFile", "username", "password", "apiToken", "fingerprint"]) {
    expect(stdout).toMatch(new RegExp(`^${name} +\\S`, "m"));
  }
});

test.for(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s ends at once, whatever is open, and leaves nothing behind",
  async (signal, { start, temporary }) => {
    const simulator = await start("--fault", "GET /version hang", "--speed", "real");
    const { url, caFile } = simulator.ready;
    const page = httpsRequest(new URL("simulator/events", url), { ca: readFileSync(caFile) }).on(
      "error",
      () => undefined,
    );
    page.end();
    await once(page, "response");
    const hanging = expect(simulator.ask("GET", "/version")).rejects.toThrow();
    await simulator.ask("GET", "/nodes");
    expect(leftovers(temporary)).toHaveLength(1);
    const begin = performance.now();
    expect(await simulator.signal(signal)).toMatchObject({ code: 0, stderr: "" });
    expect(performance.now() - begin).toBeLessThan(2000);
    await hanging;
    expect(leftovers(temporary)).toEqual([]);
  },
);

test("--state goes on where the last one was killed", async ({ start, temporary }) => {
  const state = join(temporary, "state");
  const first = await start("--state", state);
  expect(first.ready.caFile).toBe(join(state, "ca.pem"));
  await first.ask("POST", "/pools", { poolid: "kept" });
  await first.signal("SIGKILL");
  const second = await start("--state", state);
  const { caFile, username, password, apiToken, fingerprint } = first.ready;
  expect(second.ready).toMatchObject({ caFile, username, password, apiToken, fingerprint });
  expect(await second.ask("GET", "/pools")).toMatchObject([{ poolid: "kept" }]);
});

test("--state refuses a second simulator while the first one runs", async ({ start, run, temporary }) => {
  const state = join(temporary, "state");
  await start("--state", state);
  const { code, stderr } = await run("--port", "0", "--state", state);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^--state .*\n {2}Another simulator, process \d+, keeps its state in this folder\.\n/);
});

test("--seed, --fault, --incident and --verbose do what they say", async ({ start, temporary }) => {
  const file = join(temporary, "seed.json");
  writeFileSync(file, JSON.stringify({ nodes: { alone: {} } }));
  const incident = "disk alone /dev/nvme0n1 dies";
  const faults = ["--fault", "GET /version 503 one ×1", "--fault", "GET /version 503 two ×1"];
  const simulator = await start("--seed", file, ...faults, "--incident", incident, "--verbose");
  await expect(simulator.ask("GET", "/version")).rejects.toMatchObject({ status: 503, message: "one" });
  await expect(simulator.ask("GET", "/version")).rejects.toMatchObject({ status: 503, message: "two" });
  expect(await simulator.ask("GET", "/nodes")).toMatchObject([{ node: "alone" }]);
  expect(await simulator.ask("GET", "/nodes/alone/disks/zfs")).toMatchObject([{ health: "SUSPENDED" }]);
  await expect
    .poll(() => simulator.stderr())
    .toMatch(/^GET \/version 503 [\d.]+ ms\nGET \/version 503 .*\nGET \/nodes 200 /);
});

test("--speed lets tasks take their time", async ({ start }) => {
  const simulator = await start("--speed", "100");
  const upid = await simulator.ask<string>("POST", "/nodes/pve-01/lxc", {
    vmid: "101",
    ostemplate: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
    storage: "local-zfs",
  });
  const status = () => simulator.ask<{ status: string }>("GET", `/nodes/pve-01/tasks/${upid}/status`);
  expect(await status()).toMatchObject({ status: "running" });
  await expect.poll(status, { timeout: 5000 }).toMatchObject({ status: "stopped", exitstatus: "OK" });
});

test("--directory is where the authority is written", async ({ start, temporary }) => {
  const directory = join(temporary, "new", "folder");
  const simulator = await start("--directory", directory);
  expect(simulator.ready.caFile).toBe(join(directory, "ca.pem"));
  await simulator.signal("SIGINT");
  expect(readdirSync(directory)).toEqual(["ca.pem", "ssh-key"]);
});
