import type { z } from "zod";
import type { PoolPlan } from "../plan/hosts.ts";
import { Disks, ZfsPool, ZfsPools } from "../proxmox/answers.ts";
import type { PoolOnNode } from "./check-pool-layout.ts";

/** Reads an answer of the server; undefined if there is none and the run goes on without it. */
export type Ask = <T>(path: string, schema: z.ZodType<T>) => Promise<T | undefined>;

type Named = readonly [name: string, found: PoolOnNode];

/** Asks nodes how some of their pools are made; by the pools' logical names. Without such pools nothing is asked. */
export async function askNodesForPools(pools: readonly PoolPlan[], ask: Ask): Promise<ReadonlyMap<string, PoolOnNode>> {
  const nodes = [...new Set(pools.map(({ node }) => node))];
  const found = await Promise.all(
    nodes.map(async (node) => {
      const own = pools.filter((pool) => pool.node === node);
      return askNode(node, own, ask);
    }),
  );
  return new Map(found.flat());
}

async function askNode(node: string, pools: readonly PoolPlan[], ask: Ask): Promise<Named[]> {
  const existing = await ask(`/nodes/${node}/disks/zfs`, ZfsPools);
  if (existing === undefined) return [];
  const isThere = (pool: PoolPlan) => existing.some(({ name }) => name === pool.pool);
  const absent = pools
    .filter((pool) => !isThere(pool))
    .map(({ name }): Named => [name, { pool: undefined, disks: [] }]);
  const there = pools.filter(isThere);
  if (there.length === 0) return absent;
  const [disks, ...found] = await Promise.all([
    ask(`/nodes/${node}/disks/list`, Disks),
    ...there.map(async ({ name, pool }) => [name, await ask(`/nodes/${node}/disks/zfs/${pool}`, ZfsPool)] as const),
  ]);
  if (disks === undefined) return absent;
  return [
    ...absent,
    ...found.flatMap(([name, pool]): Named[] => (pool === undefined ? [] : [[name, { pool, disks }]])),
  ];
}
