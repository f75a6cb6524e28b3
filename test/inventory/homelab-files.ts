import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InventoryError } from "../../src/inventory/inventory-error.ts";
import { loadInventory } from "../../src/inventory/load.ts";

/** A small homelab in which every rule holds: what tests change, one text at a time. */
export const homelabFiles = {
  nodes: `pve-01:
  model: Minisforum MS-01
  address: 10.10.0.11
  cpu: { model: Core i9, cores: 14, threads: 20 }
  memory: 32 GiB
  arcLimit: 4 GiB
  interfaces: [enp1s0, enp2s0]
  bridges:
    vmbr0: { origin: installer, ports: [enp1s0], vlanAware: true }
  disks:
    system: { id: /dev/disk/by-id/nvme-A, model: Samsung, size: 1 TB }
    data: { id: /dev/disk/by-id/nvme-B, model: Samsung, size: 1 TB }
  pools:
    rpool:
      origin: installer
      layout: individual
      disks: [system]
      redundancy: { kind: none, reason: It is installed again within an hour., coveredBy: [daily] }
pve-02:
  model: Beelink EQR6
  address: 10.10.0.12
  cpu: { model: Ryzen 5, cores: 6, threads: 12 }
  memory: 16 GiB
  arcLimit: 2 GiB
  interfaces: [enp1s0]
  bridges:
    vmbr0: { origin: installer, ports: [enp1s0], vlanAware: true }
  disks:
    first: { id: /dev/disk/by-id/nvme-C, model: Crucial, size: 500 GB }
    second: { id: /dev/disk/by-id/nvme-D, model: Crucial, size: 500 GB }
  pools:
    rpool: { origin: installer, layout: mirror, disks: [first, second], redundancy: { kind: mirror } }
`,
  networks: `management: { vlan: 10, subnet: 10.10.0.0/24, gateway: 10.10.0.1, dns: [10.10.0.1], zone: management }
internal: { vlan: 20, subnet: 10.20.0.0/16, gateway: 10.20.0.1, dns: [10.20.0.1], zone: internal }
dmz: { vlan: 30, subnet: 10.30.0.0/24, gateway: 10.30.0.1, dns: [10.30.0.1], zone: dmz }
`,
  storage: `local: { type: dir, origin: installer, path: /var/lib/vz, content: [backup, iso] }
local-zfs: { type: zfspool, origin: installer, pool: rpool/data, content: [images, rootdir] }
homelab: { type: dir, origin: create, path: /var/lib/homelab, content: [import, snippets, vztmpl] }
nas: { type: nfs, origin: create, server: 10.10.0.20, export: /volume1/proxmox, content: [backup] }
`,
  images: `debian:
  kind: containerTemplate
  distribution: debian
  url: https://example.com/debian.tar.zst
  fileName: debian.tar.zst
  checksum: { algorithm: sha256, value: ${"a".repeat(64)} }
  storage: homelab
cloud:
  kind: cloudImage
  url: https://example.com/cloud.qcow2
  fileName: cloud.qcow2
  checksum: { algorithm: sha256, value: ${"b".repeat(64)} }
  storage: homelab
talos:
  kind: talos
  version: v1.11.5
  schematic: ${"c".repeat(64)}
  storage: homelab
`,
  containers: `grafana:
  node: pve-01
  vmid: 20010
  network: internal
  address: 10.20.0.10
  image: debian
  cores: 2
  memory: 1 GiB
  disk: { storage: local-zfs, size: 8 GiB }
  volumes:
    mp0: { path: /var/lib/grafana, storage: local-zfs, size: 8 GiB }
  service: { protocol: http, port: 3000 }
`,
  machines: `proxy:
  kind: cloud
  node: pve-02
  network: dmz
  address: 10.30.0.10
  image: cloud
  exposure: internet
  cores: 2
  memory: 2 GiB
  disk: { storage: local-zfs, size: 10 GiB }
  firewall: { publish: [443], backends: [grafana] }
cluster-01:
  kind: talos
  cluster: main
  role: controlPlane
  node: pve-01
  network: internal
  address: 10.20.0.20
  image: talos
  needs: [kernel]
  cores: 2
  memory: 4 GiB
  disk: { storage: local-zfs, size: 10 GiB }
`,
  backups: `daily:
  storage: nas
  schedule: { pve-01: "01:00", pve-02: "02:00" }
  retention: { daily: 7 }
  bandwidth: 100 MiB/s
`,
  access: `sshKeys:
  admin: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJBhTCjl5Wup/bnPAaidYlI3hKXCySl2KDwsi/TvcCXK admin@desk
`,
  services: `domain: home.example.net
`,
  others: `- what: user alice@pam
  reason: She looks after the cluster, too.
`,
  waivers: `- rule: imageChecksum
  subject: images.talos
  reason: The factory publishes no checksum.
`,
};

/** The files of the inventory by their key. */
export type HomelabFiles = typeof homelabFiles;

/** Writes the small homelab into a project's folder, some files changed. */
export function writeHomelab(project: string, changed: Partial<HomelabFiles> & { services?: string } = {}): void {
  mkdirSync(join(project, "config/homelab"), { recursive: true });
  for (const [name, text] of Object.entries({ ...homelabFiles, ...changed })) {
    writeFileSync(join(project, `config/homelab/${name}.yaml`), text);
  }
}

/** The text of a file with one passage replaced; it has to be there. */
export function edited(file: keyof HomelabFiles, from: string, to: string): Partial<HomelabFiles> {
  if (!homelabFiles[file].includes(from)) throw new Error(`${file}.yaml does not contain ${JSON.stringify(from)}.`);
  return { [file]: homelabFiles[file].replace(from, to) };
}

/** What loading complains of, without the line that counts; empty where all is well. */
export function problemsOf(project: string): string {
  try {
    loadInventory(project);
  } catch (error) {
    if (error instanceof InventoryError) return error.message.split("\n\n").slice(1).join("\n\n");
    throw error;
  }
  return "";
}
