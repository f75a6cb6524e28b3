import type { Inventory } from "../inventory/inventory.ts";
import type { Node } from "../inventory/nodes.ts";
import { nodeScopedName } from "./names.ts";
import { resolved } from "./resolved.ts";
import { sortedEntries, sortedSet } from "./sorted.ts";

/**
 * Whether something is there already, to be checked and left alone, or is ours to make. What is let go of was ours, and is left
 * alone from now on.
 */
export type Origin = "create" | "installer" | "release";

/** One ZFS pool of a node, decided. */
export interface PoolPlan {
  readonly name: string;
  readonly node: string;
  readonly pool: string;
  readonly origin: Origin;
  readonly raidLevel: "mirror" | "raid0" | "single";
  /** Paths below /dev/disk/by-id, sorted. */
  readonly devices: readonly string[];
  /** Bytes of each of them, as they are sold. */
  readonly deviceBytes: Readonly<Record<string, number>>;
  readonly ashift: number;
  /** Undefined if the pool keeps what it has. */
  readonly compression: "lz4" | "off" | "on" | "zstd" | undefined;
  readonly autotrim: boolean;
  readonly scrub: "monthly";
  /** The backup jobs that make good the loss of a disk; none for a mirror. */
  readonly coveredBy: readonly string[];
}

/** One bridge of a node, decided. */
export interface BridgePlan {
  readonly name: string;
  readonly node: string;
  readonly bridge: string;
  readonly origin: Origin;
  readonly ports: readonly string[];
  readonly vlanAware: boolean;
}

/** One Proxmox VE node, decided. */
export interface NodePlan {
  readonly name: string;
  readonly model: string;
  readonly address: string;
  /** Whether Proxmox's firewall guards the node itself. */
  readonly firewall: boolean;
  /** The most that ZFS may cache in memory. */
  readonly arcLimitBytes: number;
  readonly pools: readonly PoolPlan[];
  readonly bridges: readonly BridgePlan[];
}

/** Decides the nodes with their pools and bridges. */
export function planNodes({ nodes }: Inventory): NodePlan[] {
  return sortedEntries(nodes).map(([name, node]) => ({
    name,
    model: node.model,
    address: node.address,
    firewall: node.firewall,
    arcLimitBytes: node.arcLimit,
    pools: planPools(name, node),
    bridges: sortedEntries(node.bridges).map(([bridge, { origin, ports, vlanAware }]) => ({
      name: nodeScopedName(name, bridge),
      node: name,
      bridge,
      origin,
      ports: sortedSet(ports),
      vlanAware,
    })),
  }));
}

function planPools(node: string, { pools, disks }: Node): PoolPlan[] {
  return sortedEntries(pools).map(
    ([pool, { origin, layout, redundancy, ashift, compression, autotrim, scrub, ...rest }]) => ({
      name: nodeScopedName(node, pool),
      node,
      pool,
      origin,
      raidLevel: ({ individual: "single", mirror: "mirror", striped: "raid0" } as const)[layout],
      devices: sortedSet(rest.disks.map((disk) => resolved(disks, disk).id)),
      deviceBytes: Object.fromEntries(
        sortedSet(rest.disks)
          .map((disk) => resolved(disks, disk))
          .map(({ id, size }) => [id, size] as const),
      ),
      ashift,
      compression: compression ?? (origin === "create" ? "lz4" : undefined),
      autotrim,
      scrub,
      coveredBy: redundancy.kind === "none" ? sortedSet(redundancy.coveredBy) : [],
    }),
  );
}
