import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDemoStack } from "../../scripts/demo-stack.ts";
import { loadSeed } from "../../simulator/src/seed-file/seed-file.ts";
import { runOnNode, runUp } from "./on-command-line.ts";
import { ProjectCopy } from "./project.ts";
import { runScript } from "./run-script.ts";
import "./skip-checkpoints.ts";

// A node and guests whose names have capitals, as many clusters have them; the tests build on each other.
const seed = `nodes:
  PVE2:
    address: 10.10.0.11
    memory: 32 GiB
    disks: { /dev/nvme0n1: { model: Samsung SSD, size: 1 TB } }
    pools: { rpool: { raid: single, disks: [/dev/nvme0n1] } }
    bridges: { vmbr0: { ports: [enp1s0], address: 10.10.0.11/24, gateway: 10.10.0.1, vlanAware: true } }
`;
const guest = (address: string, image: string) => `  node: PVE2
  network: internal
  address: ${address}
  image: ${image}
  cores: 1
  memory: 512 MiB
  disk: { storage: local-zfs, size: 8 GiB }
  tags: [Living-Room, media]
`;
const nodes = (disk: string) => `PVE2:
  model: Any
  address: 10.10.0.11
  cpu: { model: Any, cores: 4, threads: 8 }
  memory: 32 GiB
  arcLimit: 2 GiB
  interfaces: [enp1s0]
  bridges: { vmbr0: { origin: installer, ports: [enp1s0], vlanAware: true } }
  disks: { system: { id: ${disk}, model: Samsung SSD, size: 1 TB } }
  pools:
    rpool:
      origin: installer
      layout: individual
      disks: [system]
      redundancy: { kind: none, reason: There is nothing to lose in this test., coveredBy: [daily] }
`;
const backups = `daily:
  storage: nas
  schedule: { PVE2: "01:00" }
  retention: { daily: 7 }
  bandwidth: 200 MiB/s
`;
let folder: string;
let project: ProjectCopy;
let simulator: Simulator;
let stack: Stack;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "homelab-seed-"));
  writeFileSync(join(folder, "seed.yaml"), seed);
  simulator = await startSimulator({ seed: loadSeed(join(folder, "seed.yaml")) });
  const [disk] = await simulator.request<{ by_id_link: string }[]>("GET", "/nodes/PVE2/disks/list");
  project = new ProjectCopy({ services: false });
  project.write("nodes.yaml", nodes(disk?.by_id_link ?? ""));
  project.write("storage.yaml", project.read("storage.yaml").replace(/^(?:fast|hetzner):\n(?: .*\n)*/gm, ""));
  project.write("backups.yaml", backups);
  project.write("services.yaml", "domain: home.example.net\nsystem: { nodeExporter: false }\n");
  project.write("containers.yaml", `Nextcloud:\n${guest("10.20.0.10", "debian-13-container")}`);
  project.write(
    "machines.yaml",
    `Media-Server:\n  kind: cloud\n  needs: [docker]\n${guest("10.20.0.11", "debian-13-cloud")}`,
  );
  stack = await createDemoStack(project.folder, simulator);
});

afterAll(async () => {
  await simulator.close();
  project.remove();
  rmSync(folder, { recursive: true });
});

test("tags with capitals are refused while the datacenter would not keep them, with the command that lets it", async () => {
  await simulator.request("PUT", "/cluster/options", { "tag-style": "shape=dense" });
  const { code, text, writes } = await runUp(project, simulator);
  expect(text).toContain("containers.Nextcloud.tags.0");
  const command = /pvesh set \/cluster\/options --tag-style '[^']+'/.exec(text)?.[0] ?? "";
  expect(code).not.toBe(0);
  expect(writes).toEqual([]);
  await runOnNode(simulator, "PVE2", command);
  expect(await simulator.request("GET", "/cluster/options")).toMatchObject({
    "tag-style": { shape: "dense", "case-sensitive": 1 },
  });
});

test("the node and guests are built under their names, and the next preview and drift find nothing", async () => {
  const { code, text } = await runUp(project, simulator);
  expect(text).not.toContain("error:");
  expect(code).toBe(0);
  const found = Object.values(simulator.state.guests).map(({ node, config }) => ({ node, ...config }));
  expect(found).toMatchObject([
    { node: "PVE2", hostname: "Nextcloud", tags: "Living-Room;homelab;media" },
    { node: "PVE2", name: "Media-Server", tags: "Living-Room;homelab;media" },
  ]);
  const again = await stack.preview({ refresh: true, expectNoChanges: true });
  expect(Object.keys(again.changeSummary)).toEqual(["same"]);
  const { code: drifted, output, messages } = await runScript(project.folder, ["scripts/drift.ts"], process.env);
  expect(messages).toBe("");
  expect(output).toContain("No drift");
  expect(drifted).toBe(0);
});

test("a stack that has lost its state adopts them as they are", async () => {
  const state = await stack.exportStack();
  const { deployment } = state as { deployment: { resources: { urn: string }[] } };
  deployment.resources = deployment.resources.filter(({ urn }) => !/::(?:Nextcloud|Media-Server)/.test(urn));
  await stack.importStack(state);
  const args = ["scripts/adopt.ts", "--stack", "demo", "--yes"];
  const { code, output } = await runScript(project.folder, args, process.env);
  expect(output).toMatch(/│ container │ Nextcloud +│ Is there, as the inventory says\./);
  expect(output).toMatch(/│ machine +│ Media-Server +│ Is there, as the inventory says\./);
  expect(code).toBe(0);
});
