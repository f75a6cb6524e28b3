import { ApiError } from "../api-error.ts";
import type { Guest } from "../state/guest.ts";
import type { World } from "../world.ts";

const lockFiles = {
  lxc: (vmid: number) => `/run/lock/lxc/pve-config-${vmid}.lock`,
  qemu: (vmid: number) => `/var/lock/qemu-server/lock-${vmid}.conf`,
};

/**
 * A guest that may be changed: no `lock` is written in its configuration, and no task holds its lock file. The real one
 * waits ten seconds for the file before it says so.
 * @throws {ApiError} 500
 */
export function unlockedGuest(world: World, type: Guest["type"], node: string, vmid: number): Guest {
  const guest = world.guest(type, node, vmid);
  const { lock } = guest.config;
  if (lock !== undefined) throw new ApiError(500, `${type === "lxc" ? "CT" : "VM"} is locked (${lock})`);
  if (world.tasks.holdsLock(vmid)) throw new ApiError(500, `can't lock file '${lockFiles[type](vmid)}' - got timeout`);
  return guest;
}
