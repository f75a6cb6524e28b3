import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { findProgram } from "../../scripts/find-program.ts";
import { answerInfluxDb } from "../../simulator/src/guest-services/influxdb.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { guestsOf, type NamedGuest } from "../../src/plan/named-guests.ts";
import { planInfluxDb } from "../../src/plan/services/influxdb.ts";
import { influxSecrets, renderInfluxScript } from "../../src/plan/services/influxdb/render-script.ts";

const inventory = loadInventory(resolve(import.meta.dirname, "../.."));
const [named] = guestsOf(inventory).filter(({ guest }) => guest.runs === "influxdb") as [NamedGuest];
const settings = {
  version: "2.9.1",
  organization: "homelab",
  bucket: "proxmox",
  retention: 86_400,
  adminUser: "admin",
  onDrift: "report" as const,
};
const steps = planInfluxDb(named, { ...inventory, services: { ...inventory.services, influxdb: settings } });
const contents = { adminUser: "admin", organization: "homelab", bucket: "proxmox", reader: "grafana" };
const shellcheck = findProgram("shellcheck");
const hasPrograms = ["curl", "jq"].every((program) => findProgram(program) !== undefined);

test("the package comes first, then its settings, then what is in it", () => {
  expect(steps.map(({ name }) => name)).toEqual(["influxdb-packages", "influxdb-configuration", "influxdb-contents"]);
});

test("secrets are in files that only root reads, and in no script", () => {
  const secret = steps
    .flatMap(({ files }) => files)
    .filter(({ text }) => text.some((part) => typeof part !== "string"));
  expect(secret.map(({ mode, owner }) => `${mode} ${owner}`)).toEqual(Array(3).fill("0600 root:root"));
  for (const { activate = "" } of steps) expect(activate).not.toMatch(/token|password/i);
});

test.runIf(shellcheck !== undefined)("shellcheck finds nothing in the script", () => {
  const script = renderInfluxScript({ url: "http://127.0.0.1:8086", retentionSeconds: 86_400, ...contents });
  // jq's variables stand in single quotes.
  const { stdout, status } = spawnSync(shellcheck ?? "", ["-e", "SC2016", "-"], { input: script, encoding: "utf8" });
  expect({ stdout, status }).toEqual({ stdout: "", status: 0 });
});

describe.runIf(hasPrograms)("the script, run by a real shell with real curl and jq", () => {
  const folder = mkdtempSync(join(tmpdir(), "influxdb-"));
  const secrets = join(folder, "secrets");
  const commandLines: string[] = [];
  let kept: string | undefined;
  let watched = false;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (watched) commandLines.push(spawnSync("ps", ["-eo", "args"], { encoding: "utf8" }).stdout);
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const url = new URL(request.url ?? "/", "http://127.0.0.1");
      const answer = answerInfluxDb(
        {
          read: () => kept,
          write: (text) => {
            kept = text;
          },
        },
        { method: request.method ?? "", url, headers, body: Buffer.concat(chunks).toString() },
      );
      response.writeHead(answer.status).end(answer.body);
    });
  });
  beforeAll(() => new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready)));
  afterAll(async () => {
    await new Promise((closed) => server.close(closed));
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    kept = undefined;
    rmSync(secrets, { recursive: true, force: true });
    mkdirSync(secrets);
    give("operator-header", "Authorization: Token operator-secret");
    give("admin-password", 'pass"word\\1');
    give("reader-password", "reader-secret");
  });

  test("sets up once what shall be there, and changes nothing the second time", async () => {
    expect(await run("verify")).toMatchObject({ status: 1, stderr: "InfluxDB is not set up.\n" });
    expect(await run("apply")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(await run("verify")).toEqual({ status: 0, stdout: "", stderr: "" });
    const token = read("proxmox-header");
    expect(token).toMatch(/^Authorization: Token \S{80,}\n$/);
    expect(statSync(join(secrets, "proxmox-header")).mode & 0o777).toBe(0o600);
    const before = kept;
    expect(await run("apply")).toMatchObject({ status: 0, stderr: "" });
    expect(kept).toBe(before);
    expect(read("proxmox-header")).toBe(token);
  });

  test("changes how long measurements are kept", async () => {
    await run("apply", 86_400);
    expect(await run("verify", 172_800)).toMatchObject({
      status: 1,
      stderr: "The bucket proxmox keeps 86400 seconds.\n",
    });
    expect(await run("apply", 172_800)).toMatchObject({ status: 0 });
    expect(await run("verify", 172_800)).toMatchObject({ status: 0 });
  });

  test("makes another token where the one that it has does not write any more", async () => {
    await run("apply");
    const before = read("proxmox-header");
    give("proxmox-header", "Authorization: Token lost");
    expect(await run("verify")).toMatchObject({ status: 1 });
    expect(await run("apply")).toMatchObject({ status: 0, stderr: "" });
    expect(read("proxmox-header")).not.toBe(before);
    expect(await run("verify")).toMatchObject({ status: 0 });
  });

  test("says what to do where the operator's token is another one", async () => {
    await run("apply");
    give("operator-header", "Authorization: Token another");
    const { status, stderr } = await run("apply");
    expect(status).toBe(1);
    expect(stderr).toContain("set the secret influxdbOperatorToken back");
  });

  test("shows no secret in a command line, in what it prints, or in the database", async () => {
    watched = true;
    const { stdout, stderr } = await run("apply");
    watched = false;
    const token = read("proxmox-header").replace("Authorization: Token ", "").trim();
    const shown = [...commandLines, stdout, stderr, kept].join("\n");
    for (const secret of ["operator-secret", 'pass"word', "reader-secret", token]) expect(shown).not.toContain(secret);
    expect(commandLines.join("\n")).toContain("/api/v2/setup");
  });

  function give(name: string, text: string): void {
    writeFileSync(join(secrets, name), `${text}\n`);
  }

  function read(name: string): string {
    return readFileSync(join(secrets, name), "utf8");
  }

  function run(
    verb: string,
    retentionSeconds = 86_400,
  ): Promise<{ status: number | null; stdout: string; stderr: string }> {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const script = join(folder, "script");
    const text = renderInfluxScript({ url, retentionSeconds, ...contents });
    writeFileSync(script, text.replaceAll(influxSecrets, secrets), { mode: 0o755 });
    const child = spawn("sh", [script, verb]);
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
    child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
    return new Promise((done) => {
      child.on("close", (status) => {
        done({ status, stdout, stderr });
      });
    });
  }
});
