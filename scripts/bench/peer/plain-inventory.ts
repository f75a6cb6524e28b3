import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";

/** The most containers that the disks of the simulated node have room for. */
export const mostContainers = 400;

// The second of the simulator's nodes: its pool is a mirror, so that containers without a backup break one rule only.
const node = "pve-02";

const parts = {
  nodes: {
    [node]: {
      model: "Beelink EQR6",
      address: "10.10.0.12",
      cpu: { model: "AMD Ryzen 5 6600H", cores: 6, threads: 12 },
      memory: "32 GiB",
      arcLimit: "4 GiB",
      interfaces: ["enp1s0", "enp2s0"],
      bridges: { vmbr0: { origin: "installer", ports: ["enp1s0"], vlanAware: true } },
      disks: {
        first: { id: "/dev/disk/by-id/nvme-CT500P3PSSD8_2344E8850A", model: "Crucial P3 Plus", size: "500 GB" },
        second: { id: "/dev/disk/by-id/nvme-CT500P3PSSD8_2344E8850B", model: "Crucial P3 Plus", size: "500 GB" },
      },
      pools: {
        rpool: {
          origin: "installer",
          layout: "mirror",
          disks: ["first", "second"],
          redundancy: { kind: "mirror" },
        },
      },
    },
  },
  networks: {
    management: {
      vlan: 10,
      subnet: "10.10.0.0/24",
      gateway: "10.10.0.1",
      dns: ["10.10.0.1"],
      zone: "management",
    },
    plain: { vlan: 100, subnet: "10.100.0.0/22", gateway: "10.100.3.254", dns: ["10.100.3.254"], zone: "internal" },
  },
  storage: {
    local: { type: "dir", origin: "installer", path: "/var/lib/vz", content: ["backup", "iso", "vztmpl"] },
    "local-zfs": { type: "zfspool", origin: "installer", pool: "rpool/data", content: ["images", "rootdir"] },
  },
  images: {
    "debian-13": {
      kind: "containerTemplate",
      distribution: "debian",
      nesting: true,
      url: "http://download.proxmox.com/images/system/debian-13-standard_13.1-2_amd64.tar.zst",
      fileName: "debian-13-standard_13.1-2_amd64.tar.zst",
      checksum: {
        algorithm: "sha512",
        value:
          "5aec4ab2ac5c16c7c8ecb87bfeeb10213abe96db6b85e2463585cea492fc861d7c390b3f9c95629bf690b95e9dfe1037207fc69c0912429605f208d5cb2621f8",
      },
      storage: "local",
    },
  },
  backups: {},
  access: {
    sshKeys: {
      admin: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJBhTCjl5Wup/bnPAaidYlI3hKXCySl2KDwsi/TvcCXK peer@homelab",
    },
  },
  services: { domain: "home.example.net" },
};

/** Replaces the inventory of a project with plain containers on one node, and with nothing that they do not need. */
export function writePlainInventory(project: string, containers: number): void {
  const folder = join(project, "config/homelab");
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  for (const [file, value] of Object.entries({ ...parts, ...plainContainers(containers) }))
    writeFileSync(join(folder, `${file}.yaml`), stringify(value));
}

function plainContainers(count: number) {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const containers = numbers.map((number) => [
    `plain-${number}`,
    {
      node,
      network: "plain",
      address: `10.100.${Math.floor(number / 256)}.${number % 256}`,
      image: "debian-13",
      cores: 1,
      memory: "32 MiB",
      disk: { storage: "local-zfs", size: "1 GiB" },
    },
  ]);
  return {
    containers: Object.fromEntries(containers) as Record<string, unknown>,
    // A backup job would be one resource more than OpenTofu has.
    waivers: numbers.map((number) => ({
      rule: "backup",
      subject: `containers.plain-${number}`,
      reason: "It exists for a few minutes, and nothing is in it.",
    })),
  };
}
