import type { Inventory } from "../inventory/inventory.ts";
import type { PoolPlan } from "../plan/hosts.ts";
import type { HomelabPlan } from "../plan/plan.ts";
import type { Built } from "../state/built.ts";
import type { BuiltPool } from "../state/built-pools.ts";
import { checkPoolLayout, type PoolOnNode } from "./check-pool-layout.ts";
import type { RefusedEdit } from "./edit.ts";

/** What an edit of pools is judged by. */
export interface PoolFacts {
  readonly inventory: Inventory;
  readonly plan: Pick<HomelabPlan, "nodes">;
  readonly built: Pick<Built, "pools">;
  /** What the nodes say of `doubtfulPools`, by logical name; those that could not be asked are missing. */
  readonly found: ReadonlyMap<string, PoolOnNode>;
}

/**
 * Refuses edits of ZFS pools that no run can do: what is decided when a pool is created, and a pool that is renamed or removed. An
 * edit that says what the pool on the node has already is let through.
 */
export function checkPools({ inventory, plan, built, found }: PoolFacts): RefusedEdit[] {
  const planned = plan.nodes.flatMap(({ pools }) => pools);
  const gone = built.pools.filter((pool) => pool.name !== undefined && planOf(planned, pool)?.origin !== "create");
  const renamed = planned.flatMap((pool): { pool: PoolPlan; from: BuiltPool }[] => {
    if (pool.origin !== "create" || builtOf(built, pool) !== undefined) return [];
    const from = gone.find(
      ({ node, layout }) => node === pool.node && layout?.devices.some((device) => pool.devices.includes(device)),
    );
    return from === undefined || planOf(planned, from) !== undefined ? [] : [{ pool, from }];
  });
  return [
    ...renamed.map(({ pool, from }) => refuseRename(pool, from)),
    ...gone
      .filter((pool) => !renamed.some(({ from }) => from === pool))
      .map((pool) => (planOf(planned, pool) === undefined ? refuseRemoval(pool) : refuseInstaller(pool))),
    ...newPools(plan, built).flatMap((pool) => {
      const isThere = found.get(pool.name)?.pool !== undefined;
      return isThere && !renamed.some((one) => one.pool === pool) ? [refuseTakingOver(pool)] : [];
    }),
    ...planned.flatMap((pool) => refuseAshift(pool, builtOf(built, pool))),
    ...movedPools(plan, built).flatMap((pool) => checkPoolLayout(pool, found.get(pool.name), inventory)),
  ];
}

/** The pools that only their nodes can say something about: those that would be created, and those of `movedPools`. */
export function doubtfulPools(plan: Pick<HomelabPlan, "nodes">, built: Pick<Built, "pools">): PoolPlan[] {
  return [...newPools(plan, built), ...movedPools(plan, built)];
}

/** The pools that a run would create. */
function newPools({ nodes }: Pick<HomelabPlan, "nodes">, built: Pick<Built, "pools">): PoolPlan[] {
  return nodes
    .flatMap(({ pools }) => pools)
    .filter((pool) => pool.origin === "create" && builtOf(built, pool)?.name === undefined);
}

/** The pools whose disks or layout are not those that the last run took them for. */
function movedPools({ nodes }: Pick<HomelabPlan, "nodes">, built: Pick<Built, "pools">): PoolPlan[] {
  return nodes
    .flatMap(({ pools }) => pools)
    .filter((pool) => {
      const layout = builtOf(built, pool)?.layout;
      if (layout === undefined || newPools({ nodes }, built).includes(pool)) return false;
      return layout.raidLevel !== pool.raidLevel || [...layout.devices].sort().join() !== pool.devices.join();
    });
}

function refuseRemoval({ node, pool, name = "" }: BuiltPool): RefusedEdit {
  return {
    path: ["nodes", node, "pools", pool],
    problem: `The pool ${pool} of ${node} is not in the inventory any more. No run destroys a pool, and none forgets one unasked.`,
    remedy: `Put the entry back. To let the state forget the pool, which stays on its disks with all its data:\n  npm run up -- --forget ${name}`,
  };
}

function refuseInstaller({ node, pool, name = "" }: BuiltPool): RefusedEdit {
  return {
    path: ["nodes", node, "pools", pool, "origin"],
    problem: `This stack created the pool ${pool} of ${node}, and has it in its state.`,
    remedy: `Write origin: create again. To let the state forget the pool, which stays as it is:\n  npm run up -- --forget ${name}`,
  };
}

function refuseRename({ node, pool }: PoolPlan, from: BuiltPool): RefusedEdit {
  return {
    path: ["nodes", node, "pools", pool],
    at: "key",
    problem: `The disks of ${pool} belong to the pool ${from.pool}, which this stack created on ${node} and which the inventory lacks. No run renames a pool.`,
    remedy: `Keep the key ${from.pool}. If the pool was renamed on ${node} (zpool export ${from.pool}; zpool import ${from.pool} ${pool}), take it into the state under its new name:\n  npm run adopt -- --forget ${from.name ?? ""}`,
  };
}

function refuseTakingOver({ node, pool }: PoolPlan): RefusedEdit {
  return {
    path: ["nodes", node, "pools", pool, "origin"],
    problem: `The pool ${pool} of ${node} is there already, and the stack's state does not have it.`,
    remedy:
      "Write origin: installer to use it as it is, or take it into the state, which changes nothing on it: npm run adopt.",
  };
}

function refuseAshift({ node, pool, ashift }: PoolPlan, own: BuiltPool | undefined): RefusedEdit[] {
  if (own?.ashift === undefined || own.ashift === ashift) return [];
  return [
    {
      path: ["nodes", node, "pools", pool, "ashift"],
      problem: `The pool ${pool} of ${node} was created with ashift ${own.ashift}, and ZFS cannot change that.`,
      remedy: `Write ashift: ${own.ashift} again. Another ashift needs a new pool: add one on other disks, and move the volumes there.`,
    },
  ];
}

function planOf(planned: readonly PoolPlan[], { node, pool }: BuiltPool): PoolPlan | undefined {
  return planned.find((own) => own.node === node && own.pool === pool);
}

function builtOf({ pools }: Pick<Built, "pools">, { node, pool }: PoolPlan): BuiltPool | undefined {
  return pools.find((own) => own.node === node && own.pool === pool);
}
