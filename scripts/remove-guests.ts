import { checkRemovals, describeLoss } from "../src/edits/check-removals.ts";
import { checkVmids } from "../src/edits/check-vmids.ts";
import { findLastBackup } from "../src/edits/find-last-backup.ts";
import { listedRemovals, today } from "../src/edits/listed-removals.ts";
import { loadEdited, type EditedHomelab } from "../src/edits/load-edited.ts";
import { removeVariable } from "../src/edits/variables.ts";
import { InventoryError } from "../src/inventory/inventory-error.ts";
import { loadInventory } from "../src/inventory/load.ts";
import type { BuiltGuest } from "../src/state/built.ts";
import { urnsOfGuests } from "../src/state/urns-of-guest.ts";
import { AdoptingStack } from "./adopting-stack.ts";
import { runPulumi } from "./pulumi-command.ts";
import { readGuests, withServer } from "./stack-server.ts";
import { readStackSettings, StackError } from "./stack-settings.ts";

/** Guests that a run deletes with everything in them. */
export interface Removal {
  readonly guests: readonly BuiltGuest[];
  /** A sentence for each: what is lost, and when it was backed up last. */
  readonly losses: readonly string[];
  /** All that the state has of them. */
  readonly urns: readonly string[];
}

const none: Removal = { guests: [], losses: [], urns: [] };

/**
 * Finds the guests that the inventory no longer has and that may be deleted: those that are named, and those that removals.yaml lists.
 * @throws {InventoryError} if a name is in the inventory, the stack has created no such guest, or another guest has its VMID now
 */
export async function findRemoval(project: string, stack: string, named: readonly string[]): Promise<Removal> {
  const listed = readListed(project);
  if (named.length === 0 && listed.length === 0) return none;
  const own = new AdoptingStack((args, input) => runPulumi(project, stack, args, input));
  const state = await own.exportState();
  const edited = loadEdited(project, state.deployment.resources);
  const guests = goneGuests(edited).filter(({ name }) => named.includes(name) || listed.includes(name));
  const { located, built, renames } = edited;
  const { inventory } = located;
  const names = new Set([...named, ...guests.map(({ name }) => name)]);
  // Those that nothing names are refused by the program itself.
  if (named.length > 0) located.refuse(checkRemovals(inventory, built, names, renames));
  if (guests.length === 0) return none;
  return withServer(stack, await readStackSettings(project, stack), async ({ api }) => {
    // Whatever is deleted belongs to our guest only while it still has its VMID.
    located.refuse(checkVmids({ inventory, built, existing: await readGuests(api) }));
    const losses = guests.map(
      async (guest) =>
        `The ${guest.kind} ${guest.name} is deleted with everything in it: ${describeLoss(guest)}, ${await findLastBackup(api, guest)}.`,
    );
    return { guests, losses: await Promise.all(losses), urns: urnsOfGuests(state, guests) };
  });
}

/** Of an inventory with mistakes nothing is deleted; the program says what is wrong with it. */
function readListed(project: string): string[] {
  try {
    return listedRemovals(loadInventory(project).removals, today());
  } catch (error) {
    if (error instanceof InventoryError) return [];
    throw error;
  }
}

function goneGuests({ located: { inventory }, built }: EditedHomelab): BuiltGuest[] {
  const kinds = { container: inventory.containers, machine: inventory.machines };
  return built.guests.filter(({ kind, name }) => !Object.hasOwn(kinds[kind], name));
}

/** Lets the next run delete guests: lifts their protection in the state, and that of Proxmox VE. A run without the same names still refuses. */
export async function allowRemoval(project: string, stack: string, { guests }: Removal): Promise<void> {
  if (guests.length === 0) return;
  await withServer(stack, await readStackSettings(project, stack), async ({ put }) => {
    for (const guest of guests) {
      await unprotect(project, stack, guest.urn);
      // Proxmox VE refuses to delete a machine with protection, and the provider does not lift it.
      if (guest.kind === "machine") await put(`/nodes/${guest.node}/qemu/${guest.vmid}/config`, { protection: "0" });
    }
  });
  process.env[removeVariable] = guests.map(({ name }) => name).join(",");
}

async function unprotect(project: string, stack: string, urn: string): Promise<void> {
  const { code, messages } = await runPulumi(project, stack, ["state", "unprotect", urn, "--yes"]);
  if (code !== 0) throw new StackError(`Pulumi does not lift the protection of ${urn}:\n${messages.trim()}`);
}
