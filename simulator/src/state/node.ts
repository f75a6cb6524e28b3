import type { FirewallRule, Section } from "./cluster.ts";
import type { FileEntry } from "./files.ts";
import type { SoftwareState } from "./software.ts";

/** One Proxmox VE node. */
export interface NodeState {
  readonly name: string;
  /** In the cluster, from 1. */
  readonly id: number;
  /** Of the management interface. */
  address: string;
  readonly cpu: { readonly model: string; readonly sockets: number; readonly cores: number; readonly threads: number };
  /** In bytes. */
  readonly memory: number;
  /** Seconds since 1970. */
  bootedAt: number;
  /** Shut down: nothing on it answers. */
  off?: boolean;
  /** config of the node: description, wakeonlan, … */
  config: Section;
  dns: { search: string; servers: string[] };
  /** /etc/hosts */
  hosts: string;
  timezone: string;
  /** By device path: /dev/nvme0n1. */
  disks: Record<string, Disk>;
  /** zfs_arc_max of the kernel's module, in bytes; 0 is the module's own choice. */
  cacheLimit?: number;
  /** By name. */
  zpools: Record<string, ZfsPool>;
  /** /etc/network/interfaces, by interface. */
  interfaces: Record<string, Section>;
  /** /etc/network/interfaces.new: all interfaces as they will be after a reload. */
  pendingInterfaces?: Record<string, Section>;
  /** The version of the software-defined networks that it has taken over. */
  sdnVersion?: number;
  /** By name: pveproxy, sshd, … */
  services: Record<string, "running" | "stopped">;
  /** Those that are not started at boot. */
  disabledServices?: string[];
  /** Packages that were installed besides Proxmox's own, with their versions. */
  packages?: Record<string, string>;
  software?: SoftwareState;
  firewall: { options: Section; rules: FirewallRule[] };
  /** What is reachable over SSH, besides what the state shows as files. */
  files: Record<string, FileEntry>;
  /** Repositories that are switched on, by their handle. */
  repositories: Record<string, boolean>;
  subscription?: { readonly key: string };
  /** A certificate that replaces the cluster's own, PEM. */
  certificate?: { readonly certificates: string; readonly key?: string };
}

/** One physical disk. */
export interface Disk {
  readonly model: string;
  readonly serial: string;
  readonly wwn: string;
  readonly vendor: string;
  readonly type: "nvme" | "ssd" | "hdd";
  /** In bytes. */
  readonly size: number;
  /** Remaining life in percent, as Proxmox shows it. */
  readonly wearout: number;
  /** When it was first switched on, in seconds since 1970. */
  readonly since?: number;
  /** A dead disk stays listed, and fails whatever uses it. */
  dead: boolean;
  /** What uses it, where no pool does: LVM, ext4, partitions … */
  used?: string;
  /** Has a partition table, even where no pool has made one. */
  gpt?: boolean;
}

/** One ZFS pool. */
export interface ZfsPool {
  readonly name: string;
  readonly guid: string;
  readonly raid: "single" | "mirror" | "raid10" | "raidz" | "raidz2" | "raidz3" | "draid" | "draid2" | "draid3";
  /** Device paths; a pool that the installer made uses a partition of each. */
  disks: string[];
  readonly draid?: { readonly data: number; readonly spares: number };
  /** Disks that were taken out and not replaced in the pool yet, by the device path that they had. */
  lost?: Record<string, { readonly guid: string; readonly path: string }>;
  /** Bytes in datasets, besides the volumes of storages; by dataset. */
  files?: Record<string, number>;
  /** The last scrub or resilver, in the words of `zpool status`. */
  scan?: string;
  /** `zpool get`, as far as it is not computed. */
  properties: Section;
  /** Datasets with their local properties, by name; the first is the pool's own. */
  datasets: Record<string, Section>;
}
