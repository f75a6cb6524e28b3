import { loadLocatedInventory, type LocatedInventory } from "../inventory/load.ts";
import { planHomelab, type HomelabPlan } from "../plan/plan.ts";
import { readBuilt, type Built } from "../state/built.ts";
import type { StateResource } from "../state/state-resource.ts";
import { applyRenames, findRenames, type Rename } from "./find-renames.ts";
import { keepFiles } from "./keep-files.ts";
import { keepVmids } from "./keep-vmids.ts";
import { releaseOrigins } from "./release-origins.ts";

/** The inventory as it is to be applied to what the stack has created. */
export interface EditedHomelab {
  readonly located: LocatedInventory;
  /** With the files that guests were made from, and without what is let go of. */
  readonly plan: HomelabPlan;
  /** What the stack has created, by the names of the inventory. */
  readonly built: Built;
  readonly renames: readonly Rename[];
}

/**
 * Reads the inventory in a project's folder and compares it with a state: which guests have another name now, and which VMIDs stay.
 * @throws {InventoryError} that lists everything wrong with the inventory
 */
export function loadEdited(project: string, state: readonly StateResource[]): EditedHomelab {
  const before = readBuilt(state);
  let [built, renames]: [Built, readonly Rename[]] = [before, []];
  const located = loadLocatedInventory(project, (inventory) => {
    renames = findRenames(inventory, before);
    built = applyRenames(before, renames);
    return keepVmids(inventory, built);
  });
  const plan = releaseOrigins(keepFiles(planHomelab(located.inventory), built), built);
  return { located, plan, built, renames };
}
