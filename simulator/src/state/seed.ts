import type { ClusterState } from "./cluster.ts";

const gib = 2 ** 30;
const templates = ["debian-13-standard_13.1-2_amd64.tar.zst", "debian-12-standard_12.12-1_amd64.tar.zst"];

/** Two nodes fresh from the installer: nothing on them but a container template. */
export function defaultSeed(): ClusterState {
  const nodes = [
    {
      name: "pve-01",
      address: "10.10.0.11",
      cpus: 20,
      cpuModel: "13th Gen Intel(R) Core(TM) i9-13900H",
      memory: 96 * gib,
      bridges: ["vmbr0"],
    },
    {
      name: "pve-02",
      address: "10.10.0.12",
      cpus: 12,
      cpuModel: "AMD Ryzen 5 6600H with Radeon Graphics",
      memory: 32 * gib,
      bridges: ["vmbr0"],
    },
  ];
  return {
    name: "homelab",
    nodes,
    storages: [
      {
        storage: "local",
        type: "dir",
        content: ["backup", "iso", "vztmpl"],
        path: "/var/lib/vz",
        shared: false,
        size: 400 * gib,
      },
      {
        storage: "local-zfs",
        type: "zfspool",
        content: ["images", "rootdir"],
        pool: "rpool/data",
        shared: false,
        size: 400 * gib,
      },
    ],
    guests: [],
    volumes: nodes.flatMap(({ name: node }) =>
      templates.map((file) => ({
        storage: "local",
        node,
        name: `vztmpl/${file}`,
        content: "vztmpl" as const,
        format: "tzst",
        size: 129_000_000,
        created: 1_757_000_000,
      })),
    ),
    tasks: [],
  };
}
