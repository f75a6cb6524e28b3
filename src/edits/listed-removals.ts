import type { Inventory } from "../inventory/inventory.ts";
import type { Removals } from "../inventory/removals.ts";
import type { Built } from "../state/built.ts";
import type { RefusedEdit } from "./edit.ts";

/** The guests that removals.yaml lets a run delete on a day such as `2026-12-31`. */
export function listedRemovals(removals: Removals, today: string): string[] {
  return Object.entries(removals).flatMap(([name, { until }]) => (until < today ? [] : [name]));
}

/** Refuses lines of removals.yaml about guests that the inventory has: one of both is a mistake. */
export function checkListedRemovals({ removals, containers, machines }: Inventory): RefusedEdit[] {
  return Object.keys(removals)
    .filter((name) => Object.hasOwn(containers, name) || Object.hasOwn(machines, name))
    .map((name) => ({
      path: ["removals", name],
      at: "key",
      problem: `removals.yaml lets a run delete ${name}, and ${name} is in the inventory.`,
      remedy: "Remove the guest's entry, or this line.",
    }));
}

/** Names lines of removals.yaml that have done their work. */
export function noteListedRemovals({ removals }: Inventory, { guests }: Built): string[] {
  const done = Object.keys(removals).filter((name) => !guests.some((guest) => guest.name === name));
  if (done.length === 0) return [];
  return [`The stack has no guest ${done.join(", ")}: take the line out of removals.yaml.`];
}

/** The day in UTC: `2026-12-31`. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}
