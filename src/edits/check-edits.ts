import type { Inventory } from "../inventory/inventory.ts";
import type { HomelabPlan } from "../plan/plan.ts";
import type { ExistingGuest } from "../proxmox/answers.ts";
import type { Built } from "../state/built.ts";
import { checkAddresses } from "./check-addresses.ts";
import { checkContainer } from "./check-container.ts";
import { checkMachine } from "./check-machine.ts";
import { checkRemovals } from "./check-removals.ts";
import { checkUserData } from "./check-user-data.ts";
import { checkVmids } from "./check-vmids.ts";
import type { RefusedEdit } from "./edit.ts";
import type { Rename } from "./find-renames.ts";
import { checkListedRemovals } from "./listed-removals.ts";

/** What an edit of the inventory is judged by. */
export interface EditFacts {
  /** After `keepVmids`. */
  readonly inventory: Inventory;
  readonly plan: HomelabPlan;
  readonly built: Built;
  /** The cluster's guests; undefined if they are not known. */
  readonly existing: readonly ExistingGuest[] | undefined;
  readonly renames: readonly Rename[];
  /** The guests that may be deleted, by name. */
  readonly removed: ReadonlySet<string>;
}

/**
 * Finds every edit of the inventory that would lose a guest, a volume or what belongs to others, before anything is registered.
 * What is left is done in place.
 */
export function checkEdits({ inventory, plan, built, existing, renames, removed }: EditFacts): RefusedEdit[] {
  const durable = { guests: built.guests.filter((guest) => !isDisposable(inventory, guest.kind, guest.name)) };
  return [
    ...checkVmids({ inventory, built, existing: existing ?? [] }),
    ...checkListedRemovals(inventory),
    ...checkRemovals(inventory, built, removed, renames),
    ...checkAddresses(plan, built),
    ...checkUserData(plan, built),
    ...durable.guests.flatMap((guest): RefusedEdit[] => {
      if (guest.kind === "container") {
        const wanted = plan.containers.find(({ name }) => name === guest.name);
        return wanted === undefined ? [] : checkContainer(wanted, guest);
      }
      const wanted = plan.machines.find(({ name }) => name === guest.name);
      return wanted === undefined ? [] : checkMachine(wanted, guest);
    }),
  ];
}

function isDisposable({ containers, machines }: Inventory, kind: "container" | "machine", name: string): boolean {
  return (kind === "container" ? containers : machines)[name]?.disposable === true;
}
