import { current, isDraft, type Draft } from "immer";
import { ApiError } from "../api-error.ts";
import type { Context } from "../handlers.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest, Snapshot } from "../state/guest.ts";
import type { Log } from "../tasks.ts";
import type { World } from "../world.ts";
import { disksOf, hasFeature, volumeOf } from "./features.ts";
import { startLocked } from "./locked-task.ts";
import { addUnused } from "./unused.ts";
import { freeVolume } from "./volumes.ts";
import { checkRollback, rollBackVolume, snapshotVolume, unsnapshotVolume } from "./volume-snapshots.ts";

/** Which snapshot of which guest. */
export interface SnapshotTarget {
  readonly type: Guest["type"];
  readonly node: string;
  readonly vmid: number;
  readonly snapname: string;
}

/** What only a virtual machine's snapshots can do, or what a kind of guest does in its own way. */
export interface SnapshotHooks {
  /** Writes the memory of a running virtual machine; returns its volume's ID. */
  readonly saveState?: (guest: Guest, log: Log) => string;
  /** Stops a running guest before its rollback. */
  readonly stop?: (guest: Guest, log: Log) => void;
  /** Comes after a rollback, when the guest is stopped and its configuration is the snapshot's. */
  readonly afterRollback?: (guest: Guest, snapshot: Snapshot, log: Log) => void;
}

const taskTypes = {
  lxc: { create: "vzsnapshot", remove: "vzdelsnapshot", rollback: "vzrollback" },
  qemu: { create: "qmsnapshot", remove: "qmdelsnapshot", rollback: "qmrollback" },
} as const;
const reserved = { lxc: ["current", "vzdump", "pending"], qemu: ["current", "pending"] } as const;

/** Starts the task that takes a snapshot; returns its UPID. What is wrong is found by the task, as on a node. */
export function takeSnapshot(
  target: SnapshotTarget,
  description: string | undefined,
  context: Context,
  { saveState }: Pick<SnapshotHooks, "saveState"> = {},
): string {
  const { type, node, snapname } = target;
  const { world } = context;
  if (reserved[type].some((name) => name === snapname)) {
    throw new ApiError(500, `unable to use snapshot name '${snapname}' (reserved name)`);
  }
  return startLocked(target, context, {
    type: taskTypes[type].create,
    lock: "snapshot",
    prepare: (guest, log) => {
      checkCanSnapshot(world, guest, snapname);
      const vmstate = guest.status === "running" ? saveState?.(guest, log) : undefined;
      guest.snapshots[snapname] = beginSnapshot(guest, { description, vmstate, now: world.seconds() });
      return vmstate === undefined ? 2 : 8;
    },
    finish: (guest) => {
      for (const { volume } of disksOf(type, guest.config)) snapshotVolume(world, node, volume, snapname);
      const { snapstate: _, ...snapshot } = findSnapshot(guest, snapname);
      guest.snapshots[snapname] = snapshot;
      guest.config["parent"] = snapname;
    },
    undo: (guest) => {
      forgetSnapshot(world, guest, snapname);
    },
  });
}

/** Starts the task that deletes a snapshot; returns its UPID. */
export function deleteSnapshot(target: SnapshotTarget, force: boolean, context: Context): string {
  const { type, node, snapname } = target;
  const { world } = context;
  return startLocked(target, context, {
    type: taskTypes[type].remove,
    lock: "snapshot-delete",
    prepare: (guest) => {
      const snapshot = findSnapshot(guest, snapname);
      refuseLocked(guest);
      if (guest.config["template"] === "1") throw new Error("you can't delete a snapshot if vm is a template");
      guest.snapshots[snapname] = { ...copyOf(snapshot), snapstate: "delete" };
      return 2;
    },
    finish: (guest) => {
      const volumes = disksOf(type, findSnapshot(guest, snapname).config).map(({ volume }) => volume);
      for (const volume of volumes) {
        try {
          unsnapshotVolume(world, node, volume, snapname);
        } catch (error) {
          if (!force) throw error;
        }
      }
      forgetSnapshot(world, guest, snapname);
      for (const volume of volumes) addUnused(guest, volume);
    },
  });
}

/** Starts the task that takes a guest back to a snapshot; returns its UPID. */
export function rollBack(
  target: SnapshotTarget,
  context: Context,
  { stop, afterRollback }: Omit<SnapshotHooks, "saveState">,
): string {
  const { type, node, snapname } = target;
  const { world } = context;
  return startLocked(target, context, {
    type: taskTypes[type].rollback,
    lock: "rollback",
    prepare: (guest, log) => {
      if (guest.config["template"] === "1") throw new Error("you can't rollback if vm is a template");
      const { config, snapstate } = findSnapshot(guest, snapname);
      for (const { volume } of disksOf(type, config)) checkRollback(world, node, volume, snapname);
      if (snapstate !== undefined) {
        throw new Error(`unable to rollback to incomplete snapshot (snapstate = ${snapstate})`);
      }
      refuseLocked(guest);
      if (guest.status === "running") stop?.(guest, log);
      return 3;
    },
    finish: (guest, log) => {
      const snapshot = copyOf(findSnapshot(guest, snapname));
      for (const { volume } of disksOf(type, snapshot.config)) rollBackVolume(world, node, volume, snapname);
      applySnapshot(guest, snapname, snapshot);
      afterRollback?.(guest, snapshot, log);
    },
  });
}

/**
 * A snapshot of a guest.
 * @throws {ApiError} 500 where there is none of that name
 */
export function findSnapshot({ snapshots }: Guest, snapname: string): Snapshot {
  const snapshot = snapshots[snapname];
  if (snapshot === undefined) throw new ApiError(500, `snapshot '${snapname}' does not exist`);
  return snapshot;
}

/** A copy that shares nothing with the state, so that it may be changed and put anywhere. */
export function copyOf<T>(value: T): T {
  return structuredClone(isDraft(value) ? current(value as Draft<T>) : value);
}

function beginSnapshot(
  { config, inside }: Guest,
  {
    description = "",
    vmstate,
    now,
  }: { readonly description: string | undefined; readonly vmstate: string | undefined; readonly now: number },
): Snapshot {
  const { parent } = config;
  return {
    config: { ...snapshotConfig(config), ...(vmstate === undefined ? {} : { vmstate }) },
    description,
    snaptime: now,
    snapstate: "prepare",
    ...(parent === undefined ? {} : { parent }),
    ...(vmstate === undefined ? {} : { vmstate: true }),
    inside: copyOf(inside),
  };
}

function checkCanSnapshot(world: World, guest: Guest, snapname: string): void {
  if (guest.config["template"] === "1") throw new Error("you can't take a snapshot if it's a template");
  refuseLocked(guest);
  if (guest.snapshots[snapname] !== undefined) throw new Error(`snapshot name '${snapname}' already used`);
  if (!hasFeature(world, guest, guest.config, "snapshot")) throw new Error("snapshot feature is not available");
}

function refuseLocked({ type, config: { lock } }: Guest): void {
  if (lock !== undefined) throw new Error(`${type === "lxc" ? "CT" : "VM"} is locked (${lock})`);
}

/** What of a configuration a snapshot keeps. */
function snapshotConfig(config: Section): Section {
  const left = ["lock", "description", "parent"];
  return Object.fromEntries(Object.entries(config).filter(([key]) => !left.includes(key) && !/^unused\d+$/.test(key)));
}

/** Makes a snapshot's configuration the guest's; what the snapshot did not have yet becomes unused. */
function applySnapshot(guest: Guest, snapname: string, { config, inside }: Snapshot): void {
  const { type, config: before } = guest;
  const kept = Object.entries(before).filter(([key]) => key === "description" || /^unused\d+$/.test(key));
  const orphans = disksOf(type, before).map(({ volume }) => volume);
  const { vmstate: _, ...settings } = config;
  guest.config = { ...Object.fromEntries(kept), ...settings, parent: snapname };
  guest.pending = {};
  guest.inside = inside;
  for (const volume of orphans) addUnused(guest, volume);
  for (const [key, text] of Object.entries(guest.config)) {
    const used = disksOf(type, guest.config).some(({ volume }) => volume === volumeOf(text));
    if (/^unused\d+$/.test(key) && used) Reflect.deleteProperty(guest.config, key);
  }
}

/** Takes a snapshot out of the chain: what stood on it stands on its parent. */
function forgetSnapshot(world: World, guest: Guest, snapname: string): void {
  const removed = guest.snapshots[snapname];
  if (removed === undefined) return;
  if (removed.config["vmstate"] !== undefined) freeVolume(world, guest.node, removed.config["vmstate"]);
  const { parent } = removed;
  Reflect.deleteProperty(guest.snapshots, snapname);
  for (const [name, snapshot] of Object.entries(guest.snapshots)) {
    if (snapshot.parent !== snapname) continue;
    const { parent: _, ...rest } = copyOf(snapshot);
    guest.snapshots[name] = parent === undefined ? rest : { ...rest, parent };
  }
  if (guest.config["parent"] !== snapname) return;
  if (parent === undefined) delete guest.config["parent"];
  else guest.config["parent"] = parent;
}
