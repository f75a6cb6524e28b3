import type { Inventory } from "../inventory/inventory.ts";
import { placedGuests, type PlacedGuest } from "../inventory/rules/rule.ts";
import type { ExistingGuest } from "../proxmox/answers.ts";
import type { Built, BuiltGuest } from "../state/built.ts";
import type { RefusedEdit } from "./edit.ts";
import { vmidsOf } from "./keep-vmids.ts";

/** What is compared. */
export interface VmidFacts {
  /** After `keepVmids`. */
  readonly inventory: Inventory;
  readonly built: Built;
  /** The cluster's guests: GET /cluster/resources?type=vm */
  readonly existing: readonly ExistingGuest[];
}

/**
 * Refuses a guest whose VMID belongs to another one: the provider would take that guest over without a word, because it counts
 * "already exists" as done when it repeats a request.
 */
export function checkVmids({ inventory, built, existing }: VmidFacts): RefusedEdit[] {
  const vmids = vmidsOf(inventory);
  const isThere = ({ kind, name }: BuiltGuest) =>
    Object.hasOwn(kind === "container" ? inventory.containers : inventory.machines, name);
  const gone = built.guests.filter((own) => !isThere(own));
  // Deleting a guest by its VMID would delete the one that has it now.
  const lost = gone.flatMap((own): RefusedEdit[] => {
    const found = existing.find(({ vmid }) => vmid === own.vmid);
    if (found === undefined || isOurs(own, own.name, found)) return [];
    return [recycled({ name: own.name, path: [`${own.kind}s`, own.name], kind: own.kind }, own, found)];
  });
  const kept = placedGuests(inventory).flatMap((placed): RefusedEdit[] => {
    const vmid = vmids.get(placed.path.join("."));
    if (vmid === undefined) return [];
    const own = built.guests.find(({ kind, name }) => kind === placed.kind && name === placed.name);
    const found = existing.find((candidate) => candidate.vmid === vmid);
    // A disposable guest may get another VMID: it is replaced.
    if (own === undefined || (own.vmid !== vmid && placed.guest.disposable))
      return checkNew(placed, vmid, built, found);
    if (own.vmid !== vmid) return [changed(placed, own, vmid)];
    return found === undefined || isOurs(own, placed.name, found) ? [] : [recycled(placed, own, found)];
  });
  return [...lost, ...kept];
}

function checkNew(
  { name, path, kind, guest }: PlacedGuest,
  vmid: number,
  { guests }: Built,
  found: ExistingGuest | undefined,
): RefusedEdit[] {
  const at = [...path, guest.vmid === undefined ? "address" : "vmid"];
  const derived = guest.vmid === undefined ? `, which follows from its VLAN and address,` : "";
  const choose = `Give ${name} a vmid of its own that is free, or another address.`;
  const built = guests.find((candidate) => candidate.vmid === vmid);
  if (built !== undefined) {
    const problem = `The VMID ${vmid}${derived} belongs to the ${built.kind} ${built.name}, which keeps its VMID for good.`;
    return [{ path: at, problem, remedy: choose }];
  }
  if (found === undefined) return [];
  const other = describe(found);
  if (found.name === name && kindOf(found) === kind && hasTag(found)) {
    const problem = `There is ${other} already, and the stack's state does not have it.`;
    return [{ path: at, problem, remedy: "Import it into the state: npm run adopt. It stays as it is." }];
  }
  const problem = `The VMID ${vmid}${derived} belongs to ${other}, which this stack did not create.`;
  return [{ path: at, problem, remedy: choose }];
}

function changed({ name, path, kind }: PlacedGuest, own: BuiltGuest, vmid: number): RefusedEdit {
  return {
    path: [...path, "vmid"],
    problem: `The ${kind} ${name} was created with the VMID ${own.vmid}, and a guest keeps its VMID for good. ${vmid} would be another, empty guest.`,
    remedy: `Write vmid: ${own.vmid}, or leave vmid out: it is kept when VLAN or address change.`,
  };
}

function recycled(
  { name, path, kind }: { readonly name: string; readonly path: readonly string[]; readonly kind: BuiltGuest["kind"] },
  own: BuiltGuest,
  found: ExistingGuest,
): RefusedEdit {
  return {
    path,
    problem: `The VMID ${own.vmid} belonged to the ${kind} ${name}. Now it is ${describe(found)}, which this stack did not create. Nothing is done to it.`,
    remedy: `Is ${name} lost? Restore its backup under a free VMID (pct restore or qmrestore), write that vmid, and run npm run pulumi -- state delete for the old one. Is it ${name} under another name? Give it its name and the tag homelab again.`,
  };
}

function isOurs(own: BuiltGuest, name: string, found: ExistingGuest): boolean {
  if (kindOf(found) !== own.kind) return false;
  return found.name === own.hostname || found.name === name || hasTag(found);
}

function hasTag({ tags }: ExistingGuest): boolean {
  return tags.split(/[;, ]/).includes("homelab");
}

function kindOf({ type }: ExistingGuest): BuiltGuest["kind"] {
  return type === "lxc" ? "container" : "machine";
}

function describe(found: ExistingGuest): string {
  return `the ${kindOf(found)} ${found.name ?? found.vmid} on ${found.node}`;
}
