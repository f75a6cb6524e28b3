import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ProjectCopy } from "./project.ts";
import { scriptArguments } from "./run-script.ts";

let project: ProjectCopy;
let running: ChildProcessWithoutNullStreams[];

beforeEach(() => {
  project = new ProjectCopy();
  running = [];
});

afterEach(async () => {
  for (const child of running) child.kill("SIGTERM");
  await Promise.all(running.map(ended));
  project.remove();
});

test("npm run demo -- --once builds, shows what it built, and leaves only the passphrase", async () => {
  const { code, output } = await run("demo.ts", "--once");
  expect(output).toMatch(
    /grafana +│ container │ 20010 │ pve-01 │ 10\.20\.0\.10\/24 │ https:\/\/grafana\.home\.example\.net\//,
  );
  expect(output).toMatch(/gitlab +│ machine +│ 20030 │ pve-01/);
  expect(code).toBe(0);
  expect(readdirSync(join(project.folder, ".homelab"))).toEqual(["passphrase"]);
  expect(existsSync(join(project.folder, "Pulumi.demo.yaml"))).toBe(false);
});

test("while the demo runs, npm run pulumi needs no environment; Ctrl-C ends it and leaves nothing", async () => {
  const demo = start("demo.ts");
  await printed(demo, "Ctrl-C here ends the demo");
  expect(await run("demo.ts")).toMatchObject({
    code: 1,
    output: expect.stringContaining("A demo of this checkout is running") as string,
  });
  expect(await run("pulumi.ts", "preview", "--expect-no-changes")).toMatchObject({ code: 0 });
  expect(await run("pulumi.ts", "refresh", "--preview-only", "--expect-no-changes")).toMatchObject({ code: 0 });
  const { output } = await run("pulumi.ts", "stack", "output", "--json");
  expect(JSON.parse(output)).toMatchObject({ guests: { grafana: { vmid: 20010 } } });
  // What holds data is protected, in the demo as at home.
  expect(await run("pulumi.ts", "destroy", "--yes")).toMatchObject({
    code: 1,
    output: expect.stringMatching(/cannot be deleted[^]*protect/) as string,
  });
  demo.kill("SIGINT");
  expect(await ended(demo)).toBe(0);
  expect(readdirSync(join(project.folder, ".homelab"))).toEqual(["passphrase"]);
  expect(await run("pulumi.ts", "preview")).toMatchObject({
    code: 1,
    output: expect.stringContaining("no demo is running") as string,
  });
});

test("a failing up ends the demo with an error", async () => {
  project.edit("nodes.yaml", "S7YANJ0Y9100-B", "not-plugged-in");
  const { code, output } = await run("demo.ts", "--once");
  expect(code).toBe(1);
  expect(output).toContain("Reason: not a valid block device");
  expect(output).toMatch(/The homelab was not built\. Pulumi's messages above say why\.\n$/);
});

function start(script: string, ...args: string[]): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, scriptArguments(`scripts/${script}`, args), {
    cwd: project.folder,
  });
  running.push(child);
  return child;
}

async function run(script: string, ...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = start(script, ...args);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return { code: await ended(child), output };
}

function ended(child: ChildProcessWithoutNullStreams): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once("close", resolve));
}

function printed(child: ChildProcessWithoutNullStreams, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = "";
    const look = (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes(text)) resolve();
    };
    child.stdout.on("data", look);
    child.stderr.on("data", look);
    child.once("close", () => {
      reject(new Error(`It ended without printing ${JSON.stringify(text)}:\n${output}`));
    });
  });
}
