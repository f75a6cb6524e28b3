import type { Firewall, Section } from "../state/cluster.ts";
import type { Guest, GuestSystem } from "../state/guest.ts";
import type { DiskFileSystem, Volume } from "../state/storage.ts";

/** What a backup of a guest holds. */
export interface BackupArchive {
  readonly type: Guest["type"];
  readonly vmid: number;
  readonly config: Section;
  readonly firewall: Firewall;
  readonly inside: GuestSystem;
  /** The disks that are in it. */
  readonly disks: readonly ArchivedDisk[];
}

/** A disk in a backup. */
interface ArchivedDisk {
  /** `rootfs`, `scsi0` */
  readonly setting: string;
  /** In bytes. */
  readonly size: number;
  /** What was written to it when it was made. */
  readonly image?: string | undefined;
  readonly fileSystem?: DiskFileSystem | undefined;
}

/** Packs a backup as the data of its volume. */
export function packBackup(archive: BackupArchive): string {
  return Buffer.from(JSON.stringify(archive)).toString("base64");
}

/** What is in a backup; undefined for a volume that is none, or one without content. */
export function unpackBackup({ content, data }: Volume): BackupArchive | undefined {
  if (content !== "backup" || data === undefined) return undefined;
  return JSON.parse(Buffer.from(data, "base64").toString()) as BackupArchive;
}
