import type { Context } from "../handlers.ts";
import type { Guest } from "../state/guest.ts";
import type { Log } from "../tasks.ts";

/** A task that locks the configuration of its guest. */
export interface LockedTask {
  readonly type: string;
  /** What is written in the configuration while the task works. */
  readonly lock: string;
  /** Throws where the task can't begin; returns how many seconds it takes. */
  readonly prepare: (guest: Guest, log: Log) => number;
  readonly finish: (guest: Guest, log: Log) => void;
  /** Takes back what `prepare` has changed. */
  readonly undo?: (guest: Guest) => void;
}

/** Starts a task that locks the configuration of a guest when it begins, and unlocks it however it ends. */
export function startLocked(
  { type: kind, node, vmid }: Pick<Guest, "type" | "node" | "vmid">,
  { world, session }: Context,
  { type, lock, prepare, finish, undo }: LockedTask,
): string {
  let locked = false;
  return world.tasks.start({
    node,
    type,
    id: vmid,
    session,
    seconds: 0,
    work: (log) => {
      const guest = world.guest(kind, node, vmid);
      const seconds = prepare(guest, log);
      guest.config["lock"] = lock;
      locked = true;
      return {
        seconds,
        work: (later) => {
          const unlocked = world.guest(kind, node, vmid);
          delete unlocked.config["lock"];
          finish(unlocked, later);
          return undefined;
        },
      };
    },
    undo: () => {
      const guest = world.state.guests[vmid];
      if (!locked || guest === undefined) return;
      delete guest.config["lock"];
      undo?.(guest);
    },
  });
}
