import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDemoStack } from "../../scripts/demo-stack.ts";
import type { DriftForPrograms } from "../../src/drift/describe-for-programs.ts";
import { GuestInside } from "./guest-inside.ts";
import { ProjectCopy } from "./project.ts";
import { runScript, type ScriptResult } from "./run-script.ts";
import "./skip-checkpoints.ts";

// The tests build on each other. Of software there is only what each guest with Debian in it gets: a step with a file.
const upgrades = "/etc/apt/apt.conf.d/52homelab-upgrades";
const mine = "// mine\n";
const vmids = { grafana: 20010, prometheus: 20011, influxdb: 20012 };
let project: ProjectCopy;
let simulator: Simulator;
let stack: Stack;
let reports: string;
let lost: Simulator["state"]["guests"][number] | undefined;

beforeAll(async () => {
  project = new ProjectCopy({ services: false });
  reports = mkdtempSync(join(tmpdir(), "homelab-drift-policy-"));
  project.write("services.yaml", "domain: home.example.net\nsystem: { nodeExporter: false }\n");
  project.edit("containers.yaml", "address: 10.20.0.11\n", "address: 10.20.0.11\n  onDrift: restore\n");
  project.edit("containers.yaml", "address: 10.20.0.12\n", "address: 10.20.0.12\n  onDrift: accept\n");
  project.edit("containers.yaml", "address: 10.20.0.21\n", "address: 10.20.0.21\n  onDrift: restore\n");
  project.edit("backups.yaml", "  storage: nas\n", "  storage: nas\n  onDrift: restore\n");
  project.edit("backups.yaml", "  storage: hetzner\n", "  storage: hetzner\n  onDrift: accept\n");
  project.edit("storage.yaml", "  server: 10.10.0.20\n", "  server: 10.10.0.20\n  onDrift: restore\n");
  project.edit("nodes.yaml", "  address: 10.10.0.11\n", "  address: 10.10.0.11\n  onDrift: accept\n");
  simulator = await startSimulator();
  stack = await createDemoStack(project.folder, simulator);
  await stack.up();
});

afterAll(async () => {
  await simulator.close();
  project.remove();
  rmSync(reports, { recursive: true });
});

test("what is to be restored comes back without asking, and nothing else", async () => {
  await changeThings();
  const writes = await writesDuring(async () => {
    const { code, output } = await drift(["--restore", "--json", "--junit", join(reports, "junit.xml")]);
    const found = JSON.parse(output) as DriftForPrograms;
    expect(found.restored.map(({ what }) => what)).toEqual([
      "backup job daily-pve-01",
      "container prometheus: memory.dedicated",
      "container prometheus: started",
      "storage nas: contents",
      "step prometheus-system-packages in prometheus",
    ]);
    expect(found.accepted.map(({ what }) => what)).toEqual([
      "backup job weekly-pve-01",
      "backup job weekly-pve-02: schedule",
      "container influxdb: memory.dedicated",
      "step pve-01-arc-limit in pve-01",
      "step influxdb-system-packages in influxdb",
    ]);
    expect(found.drift.map(({ what, policy, refusal }) => [what, policy, refusal])).toEqual([
      ["container grafana: memory.dedicated", "report", undefined],
      [
        "container traefik-internal-01",
        "restore",
        "The container traefik-internal-01 is not there and would be made anew, empty. What was in it comes back from a backup, which is restored under its own VMID.",
      ],
      ["step grafana-system-packages in grafana", "report", undefined],
    ]);
    expect([found.exitCode, code]).toEqual([7, 7]);
  });
  expect(writes).toEqual([
    "POST /cluster/backup/",
    "POST /nodes/pve-01/lxc/20011/status/reboot",
    "POST /nodes/pve-01/lxc/20011/status/start",
    "PUT /nodes/pve-01/lxc/20011/config",
    "PUT /storage/nas",
  ]);
  expect(inside("prometheus").file(upgrades)).not.toBe(mine);
  const xml = readFileSync(join(reports, "junit.xml"), "utf8");
  expect(xml).toContain("<system-out>accepted: container influxdb: memory.dedicated");
  expect(xml).toContain("<system-out>brought back: storage nas: contents");
  expect(xml).not.toMatch(/name="container influxdb">\s+<failure/);
});

test("up leaves what was changed in a guest where that is accepted, until its description changes", async () => {
  restoreBackup();
  project.edit("nodes.yaml", "arcLimit: 8 GiB", "arcLimit: 6 GiB");
  const { stdout } = await stack.up();
  expect(stdout).toContain(
    `influxdb-system-packages in influxdb is no longer as it was applied, and is left so (onDrift: accept): ${upgrades}`,
  );
  expect(stdout).toContain("pve-01-arc-limit in pve-01 is no longer as it was applied, and will be applied again");
  expect(inside("influxdb").file(upgrades)).toBe(mine);
  expect(inside("grafana").file(upgrades)).not.toBe(mine);
  expect(simulator.state.nodes["pve-01"]?.cacheLimit).toBe(6 * 2 ** 30);
});

test("a fix leaves what is accepted, and that alone is no drift", async () => {
  const writes = await writesDuring(async () => {
    const { code, output } = await drift(["--fix", "--yes"]);
    expect(output).toContain("This would be done:\n  update container grafana\n");
    expect(output).toMatch(
      /Accepted, as the inventory says:\n {2}backup job weekly-pve-01 \(pve-01\): was there, is –\n/,
    );
    expect(output).toContain(
      "\nNo drift but what is accepted: all else that could be looked at is as demo has left it.\n",
    );
    expect(code).toBe(0);
  });
  expect(writes).toEqual(["POST /nodes/pve-01/lxc/20010/status/reboot", "PUT /nodes/pve-01/lxc/20010/config"]);
});

async function changeThings(): Promise<void> {
  for (const vmid of [vmids.grafana, vmids.prometheus])
    await simulator.request("PUT", `/nodes/pve-01/lxc/${vmid}/config`, { memory: "3072" });
  await simulator.request("PUT", `/nodes/pve-02/lxc/${vmids.influxdb}/config`, { memory: "3072" });
  for (const name of ["grafana", "prometheus", "influxdb"] as const) inside(name).write(upgrades, mine);
  // Only once it runs again does anybody see what was changed in it.
  await simulator.request("POST", `/nodes/pve-01/lxc/${vmids.prometheus}/status/stop`);
  lost = simulator.state.guests[20021];
  await simulator.request("POST", "/nodes/pve-01/lxc/20021/status/stop");
  await simulator.request("DELETE", "/nodes/pve-01/lxc/20021");
  await simulator.request("DELETE", "/cluster/backup/daily-pve-01");
  await simulator.request("DELETE", "/cluster/backup/weekly-pve-01");
  await simulator.request("PUT", "/cluster/backup/weekly-pve-02", { schedule: "sun 09:00" });
  await simulator.request("PUT", "/storage/nas", { content: "backup,iso" });
  simulator.change(({ nodes }) => {
    const node = nodes["pve-01"];
    if (node !== undefined) node.cacheLimit = 7;
  });
}

/** What was deleted is there again, under its own VMID. */
function restoreBackup(): void {
  simulator.change(({ guests }) => {
    if (lost !== undefined) guests[20021] = structuredClone(lost);
  });
}

function inside(name: keyof typeof vmids): GuestInside {
  return new GuestInside(simulator, vmids[name]);
}

/** The requests by which somebody else than this test changes something. */
async function writesDuring(work: () => Promise<void>): Promise<string[]> {
  const before = simulator.requests.length;
  await work();
  return simulator.requests
    .slice(before)
    .filter(({ method }) => method !== "GET")
    .map(({ method, path }) => `${method} ${path}`)
    .sort();
}

function drift(args: readonly string[] = []): Promise<ScriptResult> {
  const env = { ...process.env, HOME: project.folder, SSH_AUTH_SOCK: "" };
  return runScript(project.folder, ["scripts/drift.ts", "--stack", "demo", ...args], env);
}
