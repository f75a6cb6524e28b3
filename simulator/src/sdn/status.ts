import type { Section } from "../state/cluster.ts";
import type { NodeState } from "../state/node.ts";
import type { World } from "../world.ts";

/** Whether what runs has arrived on a node. */
export interface SdnStatus {
  readonly status: "available" | "pending";
  readonly statusmsg?: string;
}

/** A node takes what is applied, and what is written of its own interfaces. */
export function reloadSdn(world: World, name: string): void {
  const node = world.node(name);
  const { version } = world.state.sdn;
  if (version !== undefined) node.sdnVersion = version;
  if (node.pendingInterfaces !== undefined) node.interfaces = node.pendingInterfaces;
  delete node.pendingInterfaces;
}

/** The zones that run on a node. */
export function zonesOn(world: World, { name }: NodeState): [string, Section][] {
  return Object.entries(world.state.sdn.running.zones)
    .filter(([, { nodes }]) => nodes === undefined || nodes.split(",").includes(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The vnets of a zone that runs. */
export function vnetsOf(world: World, zone: string): [string, Section][] {
  return Object.entries(world.state.sdn.running.vnets)
    .filter(([, vnet]) => vnet["zone"] === zone)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Whether a node has reloaded since the last time that something was applied. */
export function statusOn(world: World, { sdnVersion }: NodeState): SdnStatus {
  const { version = 0 } = world.state.sdn;
  if (version === 0 || sdnVersion === version) return { status: "available" };
  const problem = sdnVersion === undefined ? "not yet generated" : "too old";
  return { status: "pending", statusmsg: `local sdn network configuration is ${problem}, please reload` };
}
