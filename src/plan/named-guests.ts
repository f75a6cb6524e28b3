import type { Container } from "../inventory/containers.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { Machine } from "../inventory/machines.ts";
import { sortedEntries } from "./sorted.ts";

/** A guest of either kind with the name of its file and its own name. */
export interface NamedGuest {
  readonly kind: "containers" | "machines";
  readonly name: string;
  readonly guest: Container | Machine;
}

/** All guests, containers first, each kind by name. */
export function guestsOf({ containers, machines }: Inventory): NamedGuest[] {
  return [
    ...sortedEntries(containers).map(([name, guest]) => ({ kind: "containers" as const, name, guest })),
    ...sortedEntries(machines).map(([name, guest]) => ({ kind: "machines" as const, name, guest })),
  ];
}

/** Whether a guest has apt and takes commands: Talos does not, and other distributions have no apt. */
export function isDebian({ guest }: NamedGuest): boolean {
  return !("kind" in guest) || guest.kind === "cloud";
}
