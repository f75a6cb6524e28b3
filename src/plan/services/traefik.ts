import type { Inventory } from "../../inventory/inventory.ts";
import type { NamedGuest } from "../guests.ts";
import type { StepPlan } from "../steps.ts";

/** Decides how a guest that runs Traefik is set up; nothing where the inventory has no settings for it. */
export function planTraefik(_guest: NamedGuest, _inventory: Inventory): StepPlan[] {
  return [];
}
