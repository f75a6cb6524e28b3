import { ApiError } from "../api-error.ts";
import type { Disk, NodeState, ZfsPool } from "../state/node.ts";

const gib = 2 ** 30;

/** A partition of a disk. */
export interface Partition {
  readonly devpath: string;
  /** In bytes. */
  readonly size: number;
  /** In the words of PVE::Diskmanage. */
  readonly used: string;
}

/** The name that a disk keeps, whatever port it is on. */
export function linkOf({ type, model, serial }: Disk): string {
  return `/dev/disk/by-id/${type === "nvme" ? "nvme" : "ata"}-${model.replaceAll(" ", "_")}_${serial}`;
}

/**
 * Finds a disk by its path, or by the link that it keeps.
 * @throws {ApiError} 500
 */
export function findDisk(node: NodeState, path: string): { readonly devpath: string; readonly disk: Disk } {
  const found = Object.entries(node.disks).find(([devpath, disk]) => devpath === path || linkOf(disk) === path);
  if (found !== undefined) return { devpath: found[0], disk: found[1] };
  if (partitionsOnNode(node).some(({ devpath }) => devpath === path)) {
    throw new ApiError(501, "the simulator does not know partitions as devices yet");
  }
  throw new ApiError(500, "not a valid block device");
}

/** The pool that has a disk. */
export function poolOn(node: NodeState, devpath: string): ZfsPool | undefined {
  return Object.values(node.zpools).find(
    ({ disks, lost = {} }) => disks.includes(devpath) && lost[devpath] === undefined,
  );
}

/** What is on a disk: the installer's layout, ZFS's own, or nothing. */
export function partitionsOf(node: NodeState, devpath: string): Partition[] {
  const pool = poolOn(node, devpath);
  const size = node.disks[devpath]?.size ?? 0;
  // What a pool leaves behind stays until the disk is wiped.
  if (pool === undefined && node.disks[devpath]?.used !== "ZFS") return [];
  const part = (number: number, bytes: number, used: string): Partition => ({
    devpath: `${devpath}${/\d$/.test(devpath) ? "p" : ""}${number}`,
    size: bytes,
    used,
  });
  if (pool?.name === "rpool") {
    const boot = 1_031_168;
    return [part(1, boot, "BIOS boot"), part(2, gib, "EFI"), part(3, size - gib - 2 ** 20, "ZFS")];
  }
  const reserved = 8 * 2 ** 20;
  return [part(1, size - reserved - 2 * 2 ** 20, "ZFS"), part(9, reserved, "ZFS reserved")];
}

/** What uses a disk, if anything does. */
export function usageOf(node: NodeState, devpath: string): string | undefined {
  // Of a disk with partitions, the first one speaks for it.
  return partitionsOf(node, devpath)[0]?.used ?? node.disks[devpath]?.used;
}

function partitionsOnNode(node: NodeState): Partition[] {
  return Object.keys(node.disks).flatMap((devpath) => partitionsOf(node, devpath));
}
