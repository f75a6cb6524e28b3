import type { Inventory } from "../inventory/inventory.ts";
import { placedGuests } from "../inventory/rules/rule.ts";
import type { Built, BuiltGuest } from "../state/built.ts";
import { vmidsOf } from "./keep-vmids.ts";

/** A guest whose key in the inventory has changed: it keeps its VMID and everything in it. */
export interface Rename {
  readonly kind: BuiltGuest["kind"];
  readonly from: string;
  readonly to: string;
}

/**
 * Finds guests that have another key now. A new entry with the VMID of a guest of the same kind that has no entry any more is that
 * guest: the VMID is derived from the address, or written out.
 */
export function findRenames(inventory: Inventory, { guests }: Built): Rename[] {
  const vmids = vmidsOf(inventory);
  const placed = placedGuests(inventory);
  const hasEntry = (guest: BuiltGuest) => placed.some(({ kind, name }) => kind === guest.kind && name === guest.name);
  const gone = guests.filter((guest) => !hasEntry(guest));
  return placed.flatMap(({ kind, name, path }): Rename[] => {
    if (guests.some((guest) => guest.kind === kind && guest.name === name)) return [];
    const former = gone.find((guest) => guest.kind === kind && guest.vmid === vmids.get(path.join(".")));
    return former === undefined ? [] : [{ kind, from: former.name, to: name }];
  });
}

/** Calls renamed guests by the names that they get. */
export function applyRenames({ guests, ...rest }: Built, renames: readonly Rename[]): Built {
  return {
    ...rest,
    guests: guests.map((guest) => {
      const rename = renames.find(({ kind, from }) => kind === guest.kind && from === guest.name);
      return rename === undefined ? guest : { ...guest, name: rename.to };
    }),
  };
}
