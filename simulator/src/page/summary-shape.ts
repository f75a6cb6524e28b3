/** What the page shows: all that it needs, and no secrets. Sizes are in bytes, times in seconds since 1970. */
export interface Summary {
  readonly cluster: string;
  readonly version: string;
  readonly nodes: readonly NodeSummary[];
  readonly guests: readonly GuestSummary[];
  readonly storages: readonly StorageSummary[];
  readonly backups: readonly BackupSummary[];
  /** Newest first. */
  readonly tasks: readonly TaskSummary[];
  readonly faults: readonly FaultSummary[];
}

/** A node with its disks and ZFS pools. */
export interface NodeSummary {
  readonly name: string;
  readonly address: string;
  readonly off: boolean;
  readonly cpu: string;
  readonly threads: number;
  readonly memory: number;
  readonly disks: readonly { path: string; model: string; size: number; dead: boolean }[];
  readonly pools: readonly { name: string; raid: string; health: string; size: number; allocated: number }[];
}

/** A container or virtual machine. */
export interface GuestSummary {
  readonly type: "lxc" | "qemu";
  readonly vmid: number;
  readonly node: string;
  readonly name: string | undefined;
  readonly status: string;
  readonly cpus: number | undefined;
  readonly mem: number | undefined;
  readonly maxmem: number | undefined;
  readonly lock: string | undefined;
}

/** A storage as one node sees it. */
export interface StorageSummary {
  readonly storage: string;
  readonly node: string;
  readonly type: string;
  readonly content: string;
  readonly shared: boolean;
  readonly active: boolean;
  readonly total: number;
  readonly used: number;
}

/** A backup of a guest. */
export interface BackupSummary {
  readonly volume: string;
  /** Undefined where every node sees it. */
  readonly node: string | undefined;
  readonly vmid: number | undefined;
  readonly size: number;
  readonly created: number;
  readonly notes: string | undefined;
  readonly protected: boolean;
}

/** A task, without its log. */
export interface TaskSummary {
  readonly upid: string;
  readonly node: string;
  readonly type: string;
  readonly id: string;
  readonly user: string;
  readonly starttime: number;
  readonly endtime: number | undefined;
  readonly exitstatus: string | undefined;
  /** How long its log is. */
  readonly lines: number;
}

/** A fault in force. */
export interface FaultSummary {
  readonly id: number;
  /** As on the command line. */
  readonly text: string;
  readonly struck: number;
  readonly times: number | undefined;
}
