import { ApiError } from "../api-error.ts";
import { emptyFirewall, type Section } from "../state/cluster.ts";
import { emptySystem, type Guest } from "../state/guest.ts";
import type { Log, Step } from "../tasks.ts";
import type { World } from "../world.ts";

/** What a creation and a restore have in common. */
export interface MachinePlan {
  readonly node: string;
  readonly vmid: number;
  readonly storage: string | undefined;
  readonly settings: Section;
  /** What comes after the disks are there. */
  readonly finish: (guest: Guest, log: Log) => Step | undefined;
}

/** A machine without anything inside. */
export function newMachine(node: string, vmid: number, config: Section): Guest {
  return {
    type: "qemu",
    vmid,
    node,
    status: "stopped",
    config,
    pending: {},
    snapshots: {},
    firewall: emptyFirewall(),
    inside: emptySystem(),
  };
}

/**
 * Refuses a VMID that a guest has already.
 * @throws {ApiError} 500
 */
export function refuseUsedVmid({ state }: World, vmid: number, prefix: string): void {
  const owner = state.guests[vmid];
  if (owner === undefined) return;
  const kind = owner.type === "lxc" ? "CT" : "VM";
  throw new ApiError(500, `${prefix} ${kind} ${vmid} already exists on node '${owner.node}'`);
}
