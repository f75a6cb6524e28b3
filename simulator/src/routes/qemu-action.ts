import { ApiError } from "../api-error.ts";
import type { Context } from "../handlers.ts";
import type { Guest } from "../state/guest.ts";
import type { Log, Step } from "../tasks.ts";
import type { World } from "../world.ts";

/** Which machine. */
export interface Target {
  readonly node: string;
  readonly vmid: number;
}

/** Starts a task about a machine, which looks it up again when its time has come. */
export function act(
  { world, session }: Context,
  type: string,
  seconds: number,
  { node, vmid }: Target,
  work: (guest: Guest, log: Log) => Step | undefined,
): string {
  world.guest("qemu", node, vmid);
  return world.tasks.start({
    node,
    type,
    id: vmid,
    session,
    seconds,
    work: (log) => work(world.guest("qemu", node, vmid), log),
  });
}

/**
 * A machine that runs.
 * @throws {ApiError} 500
 */
export function requireRunning(world: World, node: string, vmid: number): Guest {
  const guest = world.guest("qemu", node, vmid);
  if (guest.status !== "running") throw new ApiError(500, `VM ${vmid} not running`);
  return guest;
}

/**
 * Refuses a machine that something else has locked in its configuration.
 * @throws {ApiError} 500
 */
export function refuseLocked({ config: { lock } }: Guest): void {
  if (lock !== undefined) throw new ApiError(500, `VM is locked (${lock})`);
}
