import { createHash } from "node:crypto";
import type { ClusterState } from "../state/cluster.ts";
import type { Disk, NodeState, ZfsPool } from "../state/node.ts";
import { poolOn } from "./disks.ts";
import { memberPath } from "./zfs-vdevs.ts";

/** Lets a disk die: SMART fails, and the pool on it is degraded or, where nothing else has its data, suspended. */
export function failDisk(state: ClusterState, node: string, devpath: string): void {
  diskOf(state, node, devpath).disk.dead = true;
}

/** Puts a new disk in a dead one's place; the pool that was on it waits for `zpool replace`. */
export function replaceDisk(
  state: ClusterState,
  nodeName: string,
  devpath: string,
  replacement: Partial<Omit<Disk, "dead" | "used" | "gpt">> = {},
): void {
  const { node, disk } = diskOf(state, nodeName, devpath);
  const pool = poolOn(node, devpath);
  if (pool !== undefined) {
    pool.lost = {
      ...pool.lost,
      [devpath]: { guid: guidOf(pool, disk), path: memberPath(pool, devpath, disk) },
    };
  }
  const { model, wwn, vendor, type, size } = disk;
  const serial = `${disk.serial}R`;
  node.disks[devpath] = { model, wwn, vendor, type, size, serial, wearout: 100, ...replacement, dead: false };
}

/**
 * Lets a pool rebuild on a new disk what it has lost, as `zpool replace POOL OLD NEW` does.
 * @param scan what `zpool status` says of it afterwards
 */
export function resilverPool(pool: ZfsPool, lost: string, devpath: string, scan: string): void {
  pool.disks = pool.disks.map((member) => (member === lost ? devpath : member));
  const { [lost]: _, ...others } = pool.lost ?? {};
  pool.lost = others;
  pool.scan = scan;
}

function diskOf(state: ClusterState, name: string, devpath: string): { readonly node: NodeState; readonly disk: Disk } {
  const node = state.nodes[name];
  const disk = node?.disks[devpath];
  if (node === undefined || disk === undefined) throw new Error(`There is no disk ${devpath} on a node ${name}.`);
  return { node, disk };
}

/** A number that stays the same for a member of a pool. */
function guidOf({ guid }: ZfsPool, { serial }: Disk): string {
  const salt = createHash("sha1").update(serial).digest().readUInt32BE(0);
  return String(BigInt(guid) + BigInt(salt));
}
