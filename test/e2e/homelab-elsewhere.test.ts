import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { request } from "../../simulator/src/request.ts";
import { openTarget } from "./target.ts";
import { scriptArguments } from "./run-script.ts";

// The homelab's tests on a simulator that is a process of its own, known by its API alone. A part of them, for time's sake.
const part = "up builds the shipped inventory";

interface Ready {
  readonly url: string;
  readonly caFile: string;
  readonly apiToken: string;
  readonly ssh: readonly {
    readonly node: string;
    readonly host: string;
    readonly port: number;
    readonly privateKeyFile: string;
  }[];
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

const checkout = resolve(import.meta.dirname, "../..");

let folder: string;
let simulator: ChildProcessWithoutNullStreams;
let ready: Ready;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "homelab-elsewhere-"));
  simulator = spawn(process.execPath, scriptArguments("simulator/src/main.ts", ["--port", "0", "--print", "json"]), {
    cwd: checkout,
  });
  ready = await firstLine(simulator);
});

afterAll(async () => {
  simulator.kill("SIGTERM");
  await ended(simulator);
  rmSync(folder, { recursive: true, force: true });
});

test("passes on a simulator in another process", { timeout: 1_200_000 }, async () => {
  const { numPassedTests, numFailedTests, testResults } = await runSuite();
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  expect(results.filter(({ status }) => status === "failed")).toEqual([]);
  expect(numFailedTests).toBe(0);
  expect(numPassedTests).toBeGreaterThan(5);
  expect(results.map(({ title }) => title)).toContain(
    "the datacenter's firewall came on last (skipped: PROXMOX_VE_ENDPOINT has an API only)",
  );
  // It was there that the homelab stood: what is protected still does.
  const guests = await ask<{ name: string }[]>("GET", "/cluster/resources?type=vm");
  expect(guests.map(({ name }) => name)).toContain("gitlab");
});

test("is refused where somebody lives already", async () => {
  await expect(openTarget(checkout, environment())).rejects.toThrow(
    /this is no place for that: .*it has the guest qemu\/20030.*Nothing was changed\./,
  );
});

test("says which variable is missing", async () => {
  await expect(openTarget(checkout, { ...environment(), PROXMOX_VE_API_TOKEN: "" })).rejects.toThrow(
    `leads the tests to ${ready.url}, so that PROXMOX_VE_API_TOKEN is needed too.`,
  );
});

function environment(): NodeJS.ProcessEnv {
  const { ssh, url, caFile, apiToken } = ready;
  return {
    ...process.env,
    PROXMOX_VE_ENDPOINT: url,
    PROXMOX_VE_API_TOKEN: apiToken,
    PROXMOX_VE_SSH_PRIVATE_KEY: readFileSync(ssh[0]?.privateKeyFile ?? "", "utf8"),
    PROXMOX_VE_SSH_NODES: ssh.map(({ node, host, port }) => `${node}=${host}:${port}`).join(","),
    SSL_CERT_FILE: caFile,
  };
}

async function runSuite(): Promise<Report> {
  const report = join(folder, "report.json");
  const options = ["--project", "e2e", "-t", part, "--reporter=json", `--outputFile=${report}`];
  const program = join(checkout, "node_modules/vitest/vitest.mjs");
  const child = spawn(process.execPath, [program, "run", ...options, "test/e2e/homelab.test.ts"], {
    cwd: checkout,
    env: environment(),
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await ended(child);
  try {
    return JSON.parse(readFileSync(report, "utf8")) as Report;
  } catch {
    throw new Error(`The tests have left no report:\n${output}`);
  } finally {
    rmSync(report, { force: true });
  }
}

function ask<T>(method: string, path: string): Promise<T> {
  const { url, caFile, apiToken } = ready;
  return request<T>({ url, ca: readFileSync(caFile, "utf8"), apiToken }, method, path);
}

function ended(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolveEnd) => {
    child.once("close", () => {
      resolveEnd();
    });
  });
}

function firstLine(child: ChildProcessWithoutNullStreams): Promise<Ready> {
  return new Promise((resolveLine, reject) => {
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes("\n")) resolveLine(JSON.parse(output.split("\n")[0] ?? "") as Ready);
    });
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.once("close", () => {
      reject(new Error(`The simulator ended:\n${output}`));
    });
  });
}
