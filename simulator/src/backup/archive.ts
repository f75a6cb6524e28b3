import type { Firewall, Section } from "../state/cluster.ts";
import type { Guest, GuestSystem } from "../state/guest.ts";
import type { Volume } from "../state/storage.ts";

/** What a backup of a guest holds. */
export interface BackupArchive {
  readonly type: Guest["type"];
  readonly vmid: number;
  readonly config: Section;
  readonly firewall: Firewall;
  readonly inside: GuestSystem;
  /** The disks that are in it: setting (`rootfs`, `scsi0`), size in bytes, and the image that was written to it. */
  readonly disks: readonly { readonly setting: string; readonly size: number; readonly image?: string | undefined }[];
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
