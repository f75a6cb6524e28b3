import type { Disk, NodeState, ZfsPool } from "../state/node.ts";
import { linkOf } from "./disks.ts";

/** The states of a part of a pool: https://openzfs.github.io/openzfs-docs/man/v2.3/7/zpoolconcepts.7.html */
export type VdevState = "ONLINE" | "DEGRADED" | "FAULTED" | "UNAVAIL" | "AVAIL";

/** A disk of a pool, or a group of disks. */
export interface Vdev {
  readonly name: string;
  readonly state: VdevState;
  /** Errors that reading and writing have met. */
  readonly read: number;
  readonly write: number;
  readonly message: string;
  readonly children: readonly Vdev[];
}

/** How many disks of a group hold parity. */
export const parity: Readonly<Record<ZfsPool["raid"], number>> = {
  single: 0,
  mirror: 0,
  raid10: 0,
  raidz: 1,
  raidz2: 2,
  raidz3: 3,
  draid: 1,
  draid2: 2,
  draid3: 3,
};

/** The tree of a pool's parts, as `zpool status -P` has it, with the pool itself on top. */
export function vdevsOf(node: NodeState, pool: ZfsPool): Vdev {
  const groups = groupsOf(pool).flatMap(({ name, disks, spare }) => {
    const leaves = disks.map((device) => leafOf(node, pool, device));
    return name === undefined ? leaves : [groupOf(name, leaves, spare)];
  });
  return groupOf(pool.name, groups, 0);
}

interface Group {
  /** A disk that stands alone has no group around it. */
  readonly name?: string;
  readonly disks: readonly string[];
  readonly spare: number;
}

function groupsOf(pool: ZfsPool): Group[] {
  const { raid, disks } = pool;
  if (raid === "single") return [{ disks, spare: 0 }];
  if (raid === "mirror") return [{ name: "mirror-0", disks, spare: disks.length - 1 }];
  if (raid === "raid10") {
    const pair = (index: number) => disks.slice(2 * index, 2 * index + 2);
    return Array.from({ length: disks.length / 2 }, (_, index) => ({
      name: `mirror-${index}`,
      disks: pair(index),
      spare: 1,
    }));
  }
  if (raid.startsWith("raidz")) return [{ name: `raidz${parity[raid]}-0`, disks, spare: parity[raid] }];
  const { data, spares } = draidLayout(pool);
  const name = `draid${parity[raid]}:${data}d:${disks.length}c:${spares}s-0`;
  return [{ name, disks, spare: parity[raid] + spares }];
}

/** What a dRAID has without being told: eight data disks in a group, or as many as there are. */
export function draidLayout({ raid, disks, draid }: ZfsPool): { readonly data: number; readonly spares: number } {
  const spares = draid?.spares ?? 0;
  return { data: draid?.data ?? Math.min(8, disks.length - spares - parity[raid]), spares };
}

function leafOf(node: NodeState, pool: ZfsPool, device: string): Vdev {
  const before = pool.lost?.[device];
  if (before !== undefined) {
    return { ...healthy(before.guid), state: "UNAVAIL", message: `was ${before.path}` };
  }
  const disk = node.disks[device];
  const name = memberPath(pool, device, disk);
  if (disk?.dead !== true) return healthy(name);
  return { ...healthy(name), state: "FAULTED", read: 3, write: 128, message: "too many errors" };
}

/** Where a pool has its part of a disk: the installer's pool has the third partition, others have the first. */
export function memberPath({ name }: ZfsPool, device: string, disk: Disk | undefined): string {
  return `${disk === undefined ? device : linkOf(disk)}-part${name === "rpool" ? 3 : 1}`;
}

function groupOf(name: string, children: readonly Vdev[], spare: number): Vdev {
  const broken = children.filter(({ state }) => state === "FAULTED" || state === "UNAVAIL").length;
  if (broken > spare) {
    return { ...healthy(name), state: "UNAVAIL", message: "insufficient replicas", children };
  }
  const whole = children.every(({ state }) => state === "ONLINE");
  return { ...healthy(name), state: whole ? "ONLINE" : "DEGRADED", children };
}

function healthy(name: string): Vdev {
  return { name, state: "ONLINE", read: 0, write: 0, message: "", children: [] };
}
