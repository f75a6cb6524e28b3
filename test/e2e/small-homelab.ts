import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createDemoStack } from "../../scripts/demo-stack.ts";
import { ProjectCopy } from "./project.ts";
import { runScript } from "./run-script.ts";

/** Two nodes, a container, a machine and a backup job: what has to be there for edits of what guests stand on. */
const files = {
  nodes: `pve-01:
  model: Minisforum MS-01
  address: 10.10.0.11
  cpu: { model: Intel Core i9-13900H, cores: 14, threads: 20 }
  memory: 96 GiB
  arcLimit: 8 GiB
  interfaces: [enp1s0, enp2s0]
  bridges:
    vmbr0: { origin: installer, ports: [enp1s0], vlanAware: true }
    vmbr1: { origin: create, ports: [enp2s0], vlanAware: true }
  disks:
    system: { id: /dev/disk/by-id/nvme-Samsung_SSD_9100_PRO_1TB_S7YANJ0Y9100-A, model: Samsung, size: 1 TB }
    data: { id: /dev/disk/by-id/nvme-Samsung_SSD_9100_PRO_1TB_S7YANJ0Y9100-B, model: Samsung, size: 1 TB }
  pools:
    rpool:
      origin: installer
      layout: individual
      disks: [system]
      redundancy: { kind: none, reason: It comes back from last night's backup., coveredBy: [daily] }
    fast:
      origin: create
      layout: individual
      disks: [data]
      redundancy: { kind: none, reason: It comes back from last night's backup., coveredBy: [daily] }
pve-02:
  model: Beelink EQR6
  address: 10.10.0.12
  cpu: { model: AMD Ryzen 5 6600H, cores: 6, threads: 12 }
  memory: 32 GiB
  arcLimit: 4 GiB
  interfaces: [enp1s0, enp2s0]
  bridges:
    vmbr0: { origin: installer, ports: [enp1s0], vlanAware: true }
  disks:
    first: { id: /dev/disk/by-id/nvme-CT500P3PSSD8_2344E8850A, model: Crucial, size: 500 GB }
    second: { id: /dev/disk/by-id/nvme-CT500P3PSSD8_2344E8850B, model: Crucial, size: 500 GB }
  pools:
    rpool: { origin: installer, layout: mirror, disks: [first, second], redundancy: { kind: mirror } }
`,
  networks: `management: { vlan: 10, subnet: 10.10.0.0/24, gateway: 10.10.0.1, dns: [10.10.0.1], zone: management }
internal: { vlan: 20, subnet: 10.20.0.0/24, gateway: 10.20.0.1, dns: [10.20.0.1], zone: internal }
`,
  storage: `local: { type: dir, origin: installer, path: /var/lib/vz, content: [backup, iso, vztmpl] }
local-zfs: { type: zfspool, origin: installer, pool: rpool/data, content: [images, rootdir] }
fast: { type: zfspool, origin: create, pool: fast, nodes: [pve-01], content: [images, rootdir] }
homelab: { type: dir, origin: create, path: /srv/homelab, content: [import, snippets, vztmpl] }
nas: { type: nfs, origin: create, server: 10.10.0.20, export: /volume1/proxmox, content: [backup, iso] }
`,
  images: `debian:
  kind: containerTemplate
  distribution: debian
  nesting: true
  url: https://example.com/debian-13.1.tar.zst
  fileName: debian-13.1.tar.zst
  checksum: { algorithm: sha256, value: ${"a".repeat(64)} }
  storage: homelab
cloud:
  kind: cloudImage
  url: https://example.com/cloud-1.qcow2
  fileName: cloud-1.qcow2
  checksum: { algorithm: sha256, value: ${"b".repeat(64)} }
  storage: homelab
`,
  containers: `web:
  node: pve-01
  network: internal
  address: 10.20.0.10
  image: debian
  cores: 1
  memory: 512 MiB
  disk: { storage: fast, size: 4 GiB }
cache:
  node: pve-01
  network: internal
  address: 10.20.0.11
  image: debian
  cores: 1
  memory: 512 MiB
  disk: { storage: local-zfs, size: 4 GiB }
`,
  machines: `build:
  kind: cloud
  node: pve-02
  network: internal
  address: 10.20.0.30
  image: cloud
  needs: [kernel]
  cores: 2
  memory: 1 GiB
  disk: { storage: local-zfs, size: 10 GiB }
`,
  backups: `daily: { storage: nas, schedule: { pve-01: "01:00", pve-02: "02:00" }, retention: { daily: 7 }, bandwidth: 200 MiB/s }
`,
  access: `sshKeys:
  admin: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJBhTCjl5Wup/bnPAaidYlI3hKXCySl2KDwsi/TvcCXK small@homelab
`,
  services: `domain: home.example.net
`,
};

/** What `npm run up` has said, ended with, and sent. */
export interface UpResult {
  readonly code: number;
  readonly text: string;
  /** `DELETE /storage/nas` */
  readonly writes: readonly string[];
}

type Guest = Simulator["state"]["guests"][number];

/** A small homelab that is built, and that each test may edit: `restore` brings all of it back. */
export interface SmallHomelab {
  readonly project: ProjectCopy;
  readonly simulator: Simulator;
  readonly stack: Stack;
  /** Replaces a text in a file of the inventory, such as `storage`. */
  readonly edit: (file: keyof typeof files, from: string | RegExp, to: string) => void;
  readonly up: (...options: string[]) => Promise<UpResult>;
  /** What the program and the engine say of a preview, be it refused. */
  readonly preview: () => Promise<string>;
  /** All that an edit could change of guests; commands that only look leave traces inside. */
  readonly guests: () => Pick<Guest, "vmid" | "node" | "status" | "config">[];
  readonly restore: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Builds a small homelab with the real engine and provider on a simulator. */
export async function buildSmallHomelab(): Promise<SmallHomelab> {
  const project = new ProjectCopy({ services: false });
  const folder = join(project.folder, "config/homelab");
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  const writeAll = () => {
    for (const [name, text] of Object.entries(files)) project.write(`${name}.yaml`, text);
  };
  writeAll();
  const simulator = await startSimulator();
  const stack = await createDemoStack(project.folder, simulator);
  await stack.up();
  const [built, state] = [simulator.state, await stack.exportStack()];
  let changed = false;
  return {
    project,
    simulator,
    stack,
    edit: (file, from, to) => {
      const text = project.read(`${file}.yaml`);
      const edited = text.replace(from, to);
      if (edited === text) throw new Error(`${file}.yaml does not contain ${String(from)}.`);
      project.write(`${file}.yaml`, edited);
    },
    up: async (...options) => {
      const before = simulator.requests.length;
      const args = ["scripts/up.ts", "--stack", "demo", "--yes", "--non-interactive", "--color", "never", ...options];
      const { code, output, messages } = await runScript(project.folder, args, process.env);
      changed ||= code === 0;
      const writes = simulator.requests.slice(before).filter(({ method }) => method !== "GET");
      return { code, text: `${output}${messages}`, writes: writes.map(({ method, path }) => `${method} ${path}`) };
    },
    preview: async () => {
      const args = ["scripts/pulumi.ts", "preview", "--stack", "demo", "--non-interactive", "--color", "never"];
      const { output, messages } = await runScript(project.folder, args, process.env);
      return `${output}${messages}`;
    },
    guests: () =>
      Object.values(simulator.state.guests).map(({ vmid, node, status, config }) => ({ vmid, node, status, config })),
    restore: async () => {
      writeAll();
      simulator.faults.clear();
      if (!changed && simulator.state === built) return;
      simulator.reset(built);
      await stack.importStack(state);
      changed = false;
    },
    close: async () => {
      await simulator.close();
      project.remove();
    },
  };
}
