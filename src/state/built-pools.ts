import { z } from "zod";
import { nameOf, typeOf } from "../adopt/sort-resources.ts";
import type { StateResource } from "./state-resource.ts";

/** A ZFS pool of a node that a run has created, or found as the inventory said. */
export interface BuiltPool {
  readonly node: string;
  readonly pool: string;
  /** Logical name; undefined if the stack did not create the pool. */
  readonly name: string | undefined;
  /** What the last run took it for. */
  readonly layout: { readonly raidLevel: string; readonly devices: readonly string[] } | undefined;
  /** Undefined if the stack did not create it. */
  readonly ashift: number | undefined;
}

const Pool = z.object({ origin: z.string(), raidLevel: z.string(), devices: z.array(z.string()) });
const Host = z.object({ pools: z.record(z.string(), Pool).nullish() });
const Zfs = z.object({
  nodeName: z.string(),
  name: z.string(),
  raidlevel: z.string().nullish(),
  devices: z.array(z.string()).nullish(),
  ashift: z.number().nullish(),
});

/**
 * Reads what a state says of pools. The provider's resource keeps the disks that a pool was created on, and the host's component
 * has those that the last run took it for.
 */
export function readBuiltPools(resources: readonly StateResource[]): BuiltPool[] {
  const found = resources
    .filter(({ urn }) => typeOf(urn) === "homelab:host:ProxmoxHost")
    .flatMap(({ urn, outputs }) =>
      Object.entries(Host.parse(outputs).pools ?? {}).map(([pool, { origin, ...layout }]) => ({
        ...{ node: nameOf(urn), pool, origin, layout },
      })),
    );
  const created = resources
    .filter(({ urn, outputs }) => typeOf(urn) === "proxmoxve:node/disk/zfs:Zfs" && Zfs.safeParse(outputs).success)
    .map(({ urn, outputs }): BuiltPool => {
      const { nodeName: node, name: pool, raidlevel, devices, ashift } = Zfs.parse(outputs);
      const own = raidlevel && devices ? { raidLevel: raidlevel, devices } : undefined;
      const last = found.find((one) => one.node === node && one.pool === pool)?.layout;
      return { node, pool, name: nameOf(urn), layout: last ?? own, ashift: ashift ?? undefined };
    });
  // A pool that a run was to create and did not is none.
  const installed = found.filter(({ origin }) => origin === "installer");
  return [
    ...created,
    ...installed.map(({ node, pool, layout }) => ({ node, pool, layout, name: undefined, ashift: undefined })),
  ];
}
