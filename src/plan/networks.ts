import { parseIpv4, parseIpv4Network } from "../inventory/ipv4.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { Network } from "../inventory/networks.ts";
import { sortedEntries } from "./sorted.ts";

/** One network, for who reads the plan: no resource is made of it, guests carry their VLAN themselves. */
export interface NetworkPlan {
  readonly name: string;
  readonly vlan: number;
  readonly subnet: string;
  readonly gateway: string;
  readonly bridge: string;
  readonly zone: Network["zone"];
  /** The nodes whose own address is in it. */
  readonly nodes: readonly string[];
  /** The storages whose server's address is in it. */
  readonly storages: readonly string[];
}

/** Decides what stands on which network. */
export function planNetworks({ networks, nodes, storage }: Inventory): NetworkPlan[] {
  const servers = sortedEntries(storage).flatMap(([name, entry]) =>
    "server" in entry ? [[name, entry.server] as const] : [],
  );
  return sortedEntries(networks).map(([name, { vlan, subnet, gateway, bridge, zone }]) => ({
    name,
    vlan,
    subnet,
    gateway,
    bridge,
    zone,
    nodes: sortedEntries(nodes).flatMap(([node, { address }]) => (contains(subnet, address) ? [node] : [])),
    storages: servers.flatMap(([id, server]) => (contains(subnet, server) ? [id] : [])),
  }));
}

function contains(subnet: string, server: string): boolean {
  const range = parseIpv4Network(subnet);
  // A server may be given by name, which is of no network.
  if (range === undefined || !/^\d+(?:\.\d+){3}$/.test(server)) return false;
  const address = parseIpv4(server);
  return address >= range.first && address <= range.last;
}
