import type { Inventory } from "../../inventory/inventory.ts";
import type { NamedGuest } from "../guests.ts";
import type { StepPlan } from "../steps.ts";

/** Decides how a guest that runs Grafana is set up; nothing where the inventory has no settings for it. */
export function planGrafana(_guest: NamedGuest, _inventory: Inventory): StepPlan[] {
  return [];
}
