import type { Firewall, Section } from "./cluster.ts";
import type { FileEntry } from "./files.ts";
import type { SoftwareState } from "./software.ts";

/** One container or virtual machine. */
export interface Guest {
  readonly type: "lxc" | "qemu";
  readonly vmid: number;
  node: string;
  /** The configuration file: every value as text, in the file's own form. */
  config: Section;
  /** What takes effect at the next start; null deletes. */
  pending: Record<string, string | null>;
  /** The drives whose pending deletion removes their volumes, too. */
  pendingForce?: string[];
  /** What was in the configuration when the cloud-init drive was written. */
  cloudInit?: Section;
  /** By name. */
  snapshots: Record<string, Snapshot>;
  status: "running" | "stopped";
  /** Of a running virtual machine. */
  paused?: boolean;
  /** Seconds since 1970; of a running guest. */
  startedAt?: number;
  /** Its member of user.cfg's pools. */
  pool?: string;
  firewall: Firewall;
  /** What is inside it, once it has booted for the first time. */
  inside: GuestSystem;
}

/** One snapshot of a guest. */
export interface Snapshot {
  readonly config: Section;
  readonly description: string;
  /** Seconds since 1970. */
  readonly snaptime: number;
  readonly parent?: string;
  /** While it is made or deleted. */
  readonly snapstate?: "prepare" | "delete";
  /** With the memory of a virtual machine, on the volume that its configuration names as vmstate. */
  readonly vmstate?: boolean;
  /** What was inside. */
  readonly inside: GuestSystem;
}

/** The system in a guest, as far as the commands that are run in it can tell. */
export interface GuestSystem {
  hostname: string;
  files: Record<string, FileEntry>;
  /** Installed packages with their versions. */
  packages: Record<string, string>;
  /** By unit name. */
  services: Record<string, { enabled: boolean; active: boolean }>;
  software?: SoftwareState;
  /** What is mounted, by the folder. */
  mounts?: Record<string, MountState>;
  /** A virtual machine answers the agent once its system has one. */
  agent: boolean;
  /** The user data that cloud-init has read, by the time of its first boot. */
  cloudInit?: { readonly instanceId: string; readonly userData: string; readonly networkConfig: string };
  /** Its file systems are frozen: the agent was asked to. */
  frozen?: boolean;
  /** Commands that the agent runs or has run, by their PID; without an exit code as long as they run. */
  executions: Record<string, { exitcode?: number; stdout: string; stderr: string }>;
}

/** What a system has mounted in a folder. */
export interface MountState {
  /** As it was asked for: `/dev/sdb`, or `10.10.0.20:/volume1/backup`. */
  readonly source: string;
  readonly type: string;
  readonly options: string;
  /** `scsi1`; none of a share. */
  readonly drive?: string;
}

/** A system that has not booted yet. */
export function emptySystem(hostname = ""): GuestSystem {
  return { hostname, files: {}, packages: {}, services: {}, agent: false, executions: {} };
}
