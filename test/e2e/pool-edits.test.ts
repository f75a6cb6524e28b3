import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createDemoStack } from "../../scripts/demo-stack.ts";
import { runOnNode, runUp, type UpResult } from "./on-command-line.ts";
import { ProjectCopy } from "./project.ts";
import { runScript } from "./run-script.ts";
import "./skip-checkpoints.ts";

// Edits of a ZFS pool that is built, with the real engine and provider: one node without guests.
const path = "/dev/disk/by-id/nvme-Samsung_SSD_9100_PRO_1TB_S7YANJ0Y9100";
let project: ProjectCopy;
let simulator: Simulator;
let stack: Stack;
let built: Simulator["state"];
let state: Awaited<ReturnType<Stack["exportStack"]>>;
const inventory = {
  "nodes.yaml": `pve-01:
  model: Minisforum MS-01
  address: 10.10.0.11
  cpu: { model: Intel Core i9-13900H, cores: 14, threads: 20 }
  memory: 96 GiB
  arcLimit: 8 GiB
  interfaces: [enp1s0]
  bridges: { vmbr0: { origin: installer, ports: [enp1s0], vlanAware: true } }
  disks:
    data: { id: ${path}-B, model: Samsung 9100 PRO 1 TB, size: 1 TB }
  pools:
    fast:
      origin: create
      layout: individual
      disks: [data]
      redundancy: { kind: none, reason: Nothing is on it yet., coveredBy: [daily] }
`,
  "storage.yaml": `local:
  type: dir
  origin: installer
  path: /var/lib/vz
  content: [backup, iso, vztmpl]
fast:
  type: zfspool
  origin: create
  pool: fast
  nodes: [pve-01]
  content: [images, rootdir]
`,
  "backups.yaml": `daily:
  storage: local
  schedule: { pve-01: "01:00" }
  retention: { daily: 7 }
  bandwidth: 200 MiB/s
`,
  "services.yaml": "domain: home.example.net\nsystem: { nodeExporter: false }\n",
  "containers.yaml": "{}\n",
  "machines.yaml": "{}\n",
  "images.yaml": "{}\n",
  "networks.yaml":
    "management: { vlan: 10, subnet: 10.10.0.0/24, gateway: 10.10.0.1, dns: [10.10.0.1], zone: management }\n",
  "waivers.yaml": "- { rule: backupTarget, subject: backups.daily, reason: There is nothing to lose in this test. }\n",
};

beforeAll(async () => {
  project = new ProjectCopy({ services: false });
  writeInventory();
  simulator = await startSimulator();
  simulator.change(({ nodes }) => {
    const { disks = {} } = nodes["pve-01"] ?? {};
    const [own] = Object.values(disks);
    if (own === undefined) throw new Error("pve-01 has no disk.");
    disks["/dev/nvme2n1"] = { ...own, serial: "S7YANJ0Y9100-C", wwn: "eui.c" };
  });
  stack = await createDemoStack(project.folder, simulator);
  await stack.up();
  built = simulator.state;
  state = await stack.exportStack();
});

afterEach(async () => {
  writeInventory();
  if (simulator.state === built) return;
  simulator.reset(built);
  await stack.importStack(state);
});

afterAll(async () => {
  await simulator.close();
  project.remove();
});

test("compression is set on the pool that is there, and drift of it is found", async () => {
  project.edit("nodes.yaml", "      layout:", "      compression: zstd\n      layout:");
  const shown = await stack.preview();
  expect(shown.stdout).toContain("Until then: compression of fast is lz4, not zstd.");
  expect(shown.stdout).not.toContain("no longer as it was applied");
  const { code, writes } = await up();
  expect(code).toBe(0);
  expect(writes).toEqual([]);
  expect(poolOf("fast")?.datasets["fast"]).toMatchObject({ compression: "zstd" });
  await sh("zfs set compression=off fast");
  const { code: drifted, output } = await runScript(project.folder, ["scripts/drift.ts", "--json"], process.env);
  expect(output).toContain("compression of fast is off, not zstd.");
  expect(drifted).toBe(7);
});

test("what is decided when a pool is created is refused at its place, and nothing is sent", async () => {
  project.edit("nodes.yaml", "origin: create\n      layout:", "origin: installer\n      ashift: 13\n      layout:");
  const { code, text, writes } = await up();
  expect(text).toContain("Write ashift: 12 again.");
  expect(text).toContain("Write origin: create again.");
  expect(text).not.toContain("remove the `protect` flag");
  expect(code).not.toBe(0);
  expect(writes).toEqual([]);
});

test("another disk is refused with the command for the node, and taken up once that was run", async () => {
  project.edit("nodes.yaml", `${path}-B`, `${path}-C`);
  const refused = await up();
  const command = `zpool replace fast ${path}-B ${path}-C`;
  expect(refused.text).toContain("nodes.pve-01.disks.data.id");
  expect(refused.text).toContain(`on pve-01: ${command}`);
  expect(refused.code).not.toBe(0);
  expect(refused.writes).toEqual([]);
  await sh(command);
  const guid = poolOf("fast")?.guid;
  expect(await up()).toMatchObject({ code: 0, writes: [] });
  expect(poolOf("fast")).toMatchObject({ guid, disks: ["/dev/nvme2n1"] });
  // The state has the disks that this run took the pool for: no node is asked again.
  const before = simulator.requests.length;
  expect(Object.keys((await stack.preview({ expectNoChanges: true })).changeSummary)).toEqual(["same"]);
  expect(simulator.requests.slice(before).filter((request) => request.path.includes("/disks/"))).toEqual([]);
});

test("a pool that leaves the inventory is forgotten if it is named, stays on its disks, and can be adopted again", async () => {
  project.write("nodes.yaml", project.read("nodes.yaml").replace(/^ {2}pools:[^]*/m, "  pools: {}\n"));
  project.write("storage.yaml", project.read("storage.yaml").replace(/^fast:[^]*/m, ""));
  const refused = await up();
  expect(refused.text).toContain("The pool fast of pve-01 is not in the inventory any more.");
  expect(refused.text).toContain("npm run up -- --forget pve-01-fast");
  expect(refused.code).not.toBe(0);
  expect(refused.writes).toEqual([]);
  const { code, text, writes } = await up(["--forget", "pve-01-fast"]);
  expect(text).toContain("The state has forgotten the pool fast of pve-01, which stays as it is.");
  expect(code).toBe(0);
  expect(writes).toEqual(["DELETE /storage/fast"]);
  expect(poolOf("fast")).toEqual(built.nodes["pve-01"]?.zpools["fast"]);
  expect(await pools()).toEqual([]);
  writeInventory();
  await expect(stack.up()).rejects.toThrow("The pool fast of pve-01 is there already");
  expect(await adopt()).toMatchObject({ code: 0 });
  expect(await up()).toMatchObject({ code: 0, writes: ["POST /storage"] });
  expect(await pools()).toEqual(["pve-01-fast"]);
  expect(poolOf("fast")).toEqual(built.nodes["pve-01"]?.zpools["fast"]);
});

test("a pool that was renamed on its node is adopted under its new name", async () => {
  simulator.change(({ nodes }) => {
    const { zpools = {} } = nodes["pve-01"] ?? {};
    const { fast } = zpools;
    if (fast === undefined) throw new Error("pve-01 has no pool fast.");
    const datasets = { quick: { ...fast.datasets["fast"], mountpoint: "/quick" } };
    zpools["quick"] = { ...fast, name: "quick", datasets };
    Reflect.deleteProperty(zpools, "fast");
  });
  project.edit("nodes.yaml", "    fast:\n", "    quick:\n");
  project.edit("storage.yaml", "pool: fast", "pool: quick");
  await expect(stack.up()).rejects.toThrow("npm run adopt -- --forget pve-01-fast");
  expect(await adopt(["--forget", "pve-01-fast"])).toMatchObject({ messages: "", code: 0 });
  expect(await up()).toMatchObject({ code: 0 });
  expect(await pools()).toEqual(["pve-01-quick"]);
  expect(poolOf("quick")).toMatchObject({ disks: ["/dev/nvme1n1"] });
});

test("a pool that its node has lost is created on other disks if it is named, and not before", async () => {
  const there = await up(["--forget", "pve-01-fast"]);
  expect(there.text).toContain("--forget names pve-01-fast, and the pool fast is in the inventory and on pve-01");
  expect(there.code).not.toBe(0);
  simulator.change(({ nodes }) => {
    Reflect.deleteProperty(nodes["pve-01"]?.zpools ?? {}, "fast");
  });
  project.edit("nodes.yaml", `${path}-B`, `${path}-C`);
  await expect(stack.up()).rejects.toThrow("There is no pool fast on pve-01 any more.");
  expect(await up(["--forget", "pve-01-fast"])).toMatchObject({ code: 0 });
  expect(poolOf("fast")).toMatchObject({ disks: ["/dev/nvme2n1"] });
});

function writeInventory(): void {
  for (const [name, text] of Object.entries(inventory)) project.write(name, text);
}

function poolOf(name: string) {
  return simulator.state.nodes["pve-01"]?.zpools[name];
}

/** The pools that the state has. */
async function pools(): Promise<string[]> {
  const exported = await stack.exportStack();
  const { resources } = exported.deployment as { resources: { urn: string; type: string }[] };
  return resources.filter(({ type }) => type.endsWith(":Zfs")).map(({ urn }) => urn.split("::").at(-1) ?? "");
}

function adopt(options: readonly string[] = []) {
  return runScript(project.folder, ["scripts/adopt.ts", "--stack", "demo", "--yes", ...options], process.env);
}

function sh(command: string): Promise<void> {
  return runOnNode(simulator, "pve-01", command);
}

function up(options: readonly string[] = []): Promise<UpResult> {
  return runUp(project, simulator, options);
}
