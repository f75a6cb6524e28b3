import type { Inventory } from "../../inventory/inventory.ts";
import type { NamedGuest } from "../guests.ts";
import { partName } from "../names.ts";
import type { StepPlan } from "../steps.ts";
import { planPackages } from "./install-packages.ts";

/** Decides what every guest with Debian in it gets, before its own software. */
export function planSystem({ name }: NamedGuest, { services }: Inventory): StepPlan[] {
  if (services.system === undefined) return [];
  return [planPackages({ name: partName(name, "system-packages"), versions: { "unattended-upgrades": "*" } })];
}
