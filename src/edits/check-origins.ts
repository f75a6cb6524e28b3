import type { HomelabPlan } from "../plan/plan.ts";
import type { Built } from "../state/built.ts";
import type { RefusedEdit } from "./edit.ts";

/** What there is on the server, as far as it was asked for. */
export interface ExistingPlaces {
  /** By ID. */
  readonly storages: readonly string[];
  /** By node. */
  readonly bridges: ReadonlyMap<string, readonly string[]>;
}

/** What the inventory creates and the state lacks. */
export interface NewPlaces {
  readonly storages: HomelabPlan["storages"];
  readonly bridges: HomelabPlan["nodes"][number]["bridges"];
}

/** Finds what a run would create for the first time. */
export function newPlaces({ storages, nodes }: Pick<HomelabPlan, "nodes" | "storages">, built: Built): NewPlaces {
  const isNew = (there: readonly { readonly name: string }[]) => (wanted: { name: string; origin: string }) =>
    wanted.origin === "create" && !there.some(({ name }) => name === wanted.name);
  return {
    storages: storages.filter(isNew(built.storages)),
    bridges: nodes.flatMap(({ bridges }) => bridges.filter(isNew(built.bridges))),
  };
}

/** Refuses to create what is there already: Proxmox VE would refuse it in the middle of the run. */
export function checkOrigins({ storages, bridges }: NewPlaces, existing: ExistingPlaces): RefusedEdit[] {
  return [
    ...storages
      .filter(({ name }) => existing.storages.includes(name))
      .map(({ name }) => alreadyThere(["storage", name, "origin"], `a storage ${name}`)),
    ...bridges
      .filter(({ node, bridge }) => existing.bridges.get(node)?.includes(bridge) === true)
      .map(({ node, bridge }) =>
        alreadyThere(["nodes", node, "bridges", bridge, "origin"], `a bridge ${bridge} on ${node}`),
      ),
  ];
}

function alreadyThere(path: readonly string[], what: string): RefusedEdit {
  return {
    path,
    problem: `There is ${what} already, and the stack's state does not have it.`,
    remedy:
      "To use it as it is, write origin: installer. To manage it from here, import it into the state: npm run adopt. It stays as it is.",
  };
}
