import type { Inventory } from "../inventory/inventory.ts";
import { sortedEntries } from "./sorted.ts";

/** The public keys that open guests, in the order of their names. */
export function sshKeysOf({ access }: Inventory): string[] {
  return sortedEntries(access.sshKeys).map(([, key]) => key);
}
