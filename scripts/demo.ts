import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { startSimulator } from "@proxmox-homelab/simulator";
import { CommandError, type OutputMap } from "@pulumi/pulumi/automation/index.js";
import Table from "cli-table3";
import type { GuestOutputPlan } from "../src/plan/outputs.ts";
import { createDemoStack, removeDemoStack } from "./demo-stack.ts";
import { demoFolder } from "./stack-environment.ts";

const usage = `Builds the homelab of config/homelab/ on a simulated Proxmox VE, with the real engine and provider.

npm run demo -- [options]

  --once        stop the simulator as soon as everything is built
  --port PORT   port of the simulator on 127.0.0.1 (default: any free one)
  --help
`;

const project = resolve(import.meta.dirname, "..");
const folder = demoFolder(project);

void main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { once: { type: "boolean" }, port: { type: "string", default: "0" }, help: { type: "boolean" } },
  });
  if (values.help) process.stdout.write(usage);
  else await runDemo({ once: values.once === true, port: Number(values.port) });
}

async function runDemo({ once, port }: { once: boolean; port: number }): Promise<void> {
  const stop = new Promise<void>((resolveStop) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.on(signal, () => {
        resolveStop();
      });
  });
  claimFolder();
  const simulator = await startSimulator({ port });
  try {
    say(`Simulated Proxmox VE at ${simulator.url}`);
    const stack = await createDemoStack(project, simulator);
    const { outputs } = await stack.up({ onOutput: write, color: process.stdout.isTTY ? "always" : "never" });
    showResult(outputs);
    if (once) return;
    say(
      "The simulator keeps running. In another terminal, try:",
      "  npm run pulumi -- preview        nothing to change",
      "  npm run pulumi -- stack output   what the stack tells",
      "  npm run pulumi -- destroy        take it all down",
      "Edit config/homelab/ and run npm run pulumi -- up to change the homelab. Ctrl-C here ends the demo.",
    );
    await stop;
  } catch (error) {
    // What went wrong has just been printed, by Pulumi itself.
    if (!(error instanceof CommandError)) throw error;
    process.stderr.write("\nThe homelab was not built. Pulumi's messages above say why.\n");
    process.exitCode = 1;
  } finally {
    await simulator.close();
    removeDemoStack(project);
  }
}

/** Makes the demo's folder, unless another demo of this checkout lives in it. */
function claimFolder(): void {
  const pidFile = join(folder, "pid");
  const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, "utf8")) : 0;
  if (pid > 0 && isRunning(pid)) {
    process.stderr.write(
      `A demo of this checkout is running already (process ${pid}). End it with Ctrl-C there first.\n`,
    );
    process.exit(1);
  }
  removeDemoStack(project);
  mkdirSync(folder, { recursive: true });
  writeFileSync(pidFile, String(process.pid));
}

function showResult(outputs: OutputMap): void {
  const guests = (outputs["guests"]?.value ?? {}) as Record<string, GuestOutputPlan>;
  const table = new Table({
    head: ["Guest", "Kind", "VMID", "Node", "Address", "Service"],
    style: { head: [], border: [] },
  });
  for (const [name, { kind, vmid, node, address, url = "" }] of Object.entries(guests))
    table.push([name, kind, vmid, node, address, url]);
  say(table.toString());
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function say(...lines: string[]): void {
  write(`\n${lines.join("\n")}\n`);
}

function write(text: string): void {
  process.stdout.write(text);
}
