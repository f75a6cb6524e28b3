import type { Section } from "./cluster.ts";
import type { FileEntry } from "./files.ts";

/** One entry of storage.cfg. */
export interface StorageState {
  readonly storage: string;
  readonly type: StorageType;
  /** As storage.cfg has it: `content` is a list with commas, `nodes` is absent where it is on all nodes. */
  config: Section;
  /** Set apart, as Proxmox does in /etc/pve/priv: never returned by any request. */
  secret?: string;
  /** Capacity on each node, in bytes; of a ZFS storage the pool's counts. */
  size: number;
  /** Those of user.cfg's pools that it is a member of. */
  pools?: string[];
  /** Nodes that can't reach it. */
  offline: string[];
}

/** The kinds of storages that the simulator has. */
export type StorageType = "dir" | "zfspool" | "nfs" | "cifs" | "pbs";

/** What a volume may hold. */
export type VolumeContent = "vztmpl" | "rootdir" | "images" | "iso" | "snippets" | "backup" | "import";

/** A file system that a guest has made on a disk. */
export interface DiskFileSystem {
  readonly type: "ext4" | "xfs";
  readonly label: string;
  readonly uuid: string;
  /** By their path below its root. */
  files: Record<string, FileEntry>;
}

/** What a volume was. */
export interface VolumeSnapshot {
  readonly size: number;
  /** Seconds since 1970. */
  readonly created: number;
  readonly fileSystem?: DiskFileSystem;
}

/** One volume on a storage. */
export interface Volume {
  /** The part of the volume ID after the colon. */
  readonly name: string;
  readonly content: VolumeContent;
  readonly format: string;
  /** In bytes. */
  size: number;
  /** The guest that owns it. */
  vmid?: number;
  /** Seconds since 1970. */
  readonly created: number;
  notes?: string;
  protected?: boolean;
  /** Of a linked clone: the volume that it stands on. */
  readonly parent?: string;
  /** By name, oldest first. */
  snapshots?: Record<string, VolumeSnapshot>;
  /** Permission bits of its file, where they are not 0o644. */
  readonly mode?: number;
  /** Of a virtual machine's disk: the name of the image that was written to it, whose system boots. */
  readonly image?: string;
  /** Of a virtual machine's disk, besides the one that boots; of a container's volume only what was put there behind its back. */
  fileSystem?: DiskFileSystem;
  /** Of a file that was downloaded: the checksum that was named for it, `sha512:…`. */
  readonly checksum?: string;
  /** Of a snippet or backup, base64: what is in it. */
  readonly data?: string;
}
