import type { HomelabPlan } from "../plan/plan.ts";
import type { Built } from "../state/built.ts";
import type { RefusedEdit } from "./edit.ts";

/** What is compared. */
export interface ForgettingFacts {
  readonly plan: Pick<HomelabPlan, "nodes">;
  readonly built: Pick<Built, "pools">;
  /** The pools' logical names, from the command line: `npm run up -- --forget pve-01-fast`. */
  readonly forgotten: readonly string[];
  /** The pools that each node has; asked of those nodes whose pools are both named and in the inventory. */
  readonly existing: ReadonlyMap<string, readonly string[]>;
}

/** Refuses to forget a pool that the state does not have, and one that the run would only try to create again. */
export function checkForgetting({ plan, built, forgotten, existing }: ForgettingFacts): RefusedEdit[] {
  const known = built.pools.flatMap(({ name }) => name ?? []);
  return forgotten.flatMap((name): RefusedEdit[] => {
    const own = built.pools.find((pool) => pool.name === name);
    if (own === undefined) {
      return [
        {
          path: ["nodes"],
          problem: `--forget names ${name}, and the stack has created no pool of that name.`,
          remedy: known.length === 0 ? "Leave out --forget." : `It has created: ${known.join(", ")}.`,
        },
      ];
    }
    const { node, pool } = own;
    const isPlanned = plan.nodes.some(({ pools }) => pools.some((one) => one.name === name && one.origin === "create"));
    if (!isPlanned || existing.get(node)?.includes(pool) === false) return [];
    return [
      {
        path: ["nodes", node, "pools", pool],
        at: "key",
        problem: `--forget names ${name}, and the pool ${pool} is in the inventory and on ${node}: the run would try to create it again.`,
        remedy: "Remove its entry, or write origin: installer, or leave out --forget.",
      },
    ];
  });
}
