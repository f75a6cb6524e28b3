import type { Inventory } from "../inventory/inventory.ts";
import { placedGuests } from "../inventory/rules/rule.ts";
import { vmidOf } from "../inventory/vmid.ts";
import type { Built, BuiltGuest } from "../state/built.ts";

/**
 * Gives each guest that is built already the VMID that it has, if the inventory names none: a VMID is derived from VLAN and
 * address once, and stays when they change. Guests that are not built yet keep what is derived.
 */
export function keepVmids(inventory: Inventory, { guests }: Built): Inventory {
  const keep = <T extends { readonly vmid?: number | undefined }>(
    kind: BuiltGuest["kind"],
    entries: Readonly<Record<string, T>>,
  ): Record<string, T> =>
    Object.fromEntries(
      Object.entries(entries).map(([name, guest]) => {
        const built = guests.find((candidate) => candidate.kind === kind && candidate.name === name);
        return [name, built === undefined || guest.vmid !== undefined ? guest : { ...guest, vmid: built.vmid }];
      }),
    );
  return {
    ...inventory,
    containers: keep("container", inventory.containers),
    machines: keep("machine", inventory.machines),
  };
}

/** The VMID of each guest of the inventory, by its path such as `containers.grafana`. */
export function vmidsOf(inventory: Inventory): Map<string, number> {
  return new Map(
    placedGuests(inventory).flatMap(({ path, guest }) => {
      const network = inventory.networks[guest.network];
      return network === undefined ? [] : [[path.join("."), vmidOf(guest, network)] as const];
    }),
  );
}
