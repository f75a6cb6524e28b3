/** Everything that the simulated cluster knows; plain data, so that it can be copied and compared. */
export interface ClusterState {
  name: string;
  nodes: NodeState[];
  storages: StorageState[];
  guests: Guest[];
  volumes: Volume[];
  tasks: Task[];
}

/** One Proxmox VE node. */
export interface NodeState {
  readonly name: string;
  readonly address: string;
  readonly cpus: number;
  readonly cpuModel: string;
  /** In bytes. */
  readonly memory: number;
  readonly bridges: readonly string[];
}

/** One entry of storage.cfg. */
export interface StorageState {
  readonly storage: string;
  readonly type: "dir" | "zfspool";
  readonly content: readonly string[];
  /** On all nodes where it is left out. */
  readonly nodes?: readonly string[];
  readonly shared: boolean;
  readonly path?: string;
  readonly pool?: string;
  /** Capacity on each node, in bytes. */
  readonly size: number;
}

/** One volume on a storage of a node. */
export interface Volume {
  readonly storage: string;
  readonly node: string;
  /** The part of the volume ID after the colon. */
  readonly name: string;
  readonly content: "vztmpl" | "rootdir" | "images" | "iso" | "snippets" | "backup" | "import";
  readonly format: string;
  /** In bytes. */
  size: number;
  /** The guest that owns it. */
  readonly vmid?: number;
  /** Seconds since 1970. */
  readonly created: number;
}

/** One container. */
export interface Guest {
  readonly type: "lxc";
  readonly vmid: number;
  node: string;
  /** The configuration file: every value as text, in the file's own form. */
  config: Record<string, string>;
  status: "running" | "stopped";
  /** Seconds since 1970; of a running guest. */
  startedAt?: number;
}

/** One task, running or ended. */
export interface Task {
  readonly upid: string;
  readonly node: string;
  readonly pid: number;
  readonly pstart: number;
  readonly starttime: number;
  readonly type: string;
  readonly id: string;
  readonly user: string;
  readonly log: string[];
  endtime?: number;
  exitstatus?: string;
}
