import { resolve } from "node:path";
import { checkEdits, type EditFacts } from "../../src/edits/check-edits.ts";
import { applyRenames, findRenames } from "../../src/edits/find-renames.ts";
import { keepVmids } from "../../src/edits/keep-vmids.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { planHomelab } from "../../src/plan/plan.ts";
import { resolved } from "../../src/plan/resolved.ts";
import type { ExistingGuest } from "../../src/proxmox/answers.ts";
import type { Built, BuiltGuest } from "../../src/state/built.ts";
import { builtPlacesOf, builtSettingsOf } from "./built-places-of.ts";

/** The shipped inventory, which the tests take as built. */
export const shipped = loadInventory(resolve(import.meta.dirname, "../.."));

/** What the state says after an `up` of an inventory. */
export function buildOf(inventory: Inventory): Built {
  const plan = planHomelab(inventory);
  const { containers, machines, nodes } = plan;
  const settings = new Map([...containers, ...machines].map((guest) => [guest.name, builtSettingsOf(guest)]));
  const settingsOf = (name: string) => ({ settings: resolved(Object.fromEntries(settings), name) });
  return {
    ...builtPlacesOf(plan),
    guests: [
      ...containers.map(({ name, vmid, node, template, unprivileged, disk, mountPoints }): BuiltGuest => ({
        ...settingsOf(name),
        ...{
          urn: urnOf("container", name),
          kind: "container",
          name,
          vmid,
          node,
          hostname: name,
          disposable: false,
          madeFrom: template,
          unprivileged,
          rootDisk: disk,
        },
        mountPoints: mountPoints.map(({ path, storage, sizeGib, backup }) => ({ path, storage, sizeGib, backup })),
      })),
      ...machines.map(({ name, vmid, node, systemDisk, dataDisks }): BuiltGuest => ({
        ...settingsOf(name),
        ...{
          urn: urnOf("machine", name),
          kind: "machine",
          name,
          vmid,
          node,
          hostname: name,
          disposable: false,
          madeFrom: systemDisk.importFrom,
        },
        disks: [systemDisk, ...dataDisks].map(({ interface: slot, storage, sizeGib }) => ({ slot, storage, sizeGib })),
      })),
    ],
    pools: nodes.flatMap(({ pools }) =>
      pools.map(({ node, pool, name, origin, raidLevel, devices, ashift }) => ({
        ...{ node, pool, layout: { raidLevel, devices } },
        ...(origin === "create" ? { name, ashift } : { name: undefined, ashift: undefined }),
      })),
    ),
  };
}

function urnOf(kind: BuiltGuest["kind"], name: string): string {
  const type = kind === "container" ? "containerLegacy:ContainerLegacy" : "vmLegacy:VmLegacy";
  return `urn:pulumi:test::proxmox-homelab::proxmoxve:index/${type}::${name}`;
}

/** What the cluster lists after an `up`. */
export function existingOf({ guests }: Built): ExistingGuest[] {
  return guests.map(({ kind, vmid, node, name }) => ({
    ...{ vmid, node, name, type: kind === "container" ? "lxc" : "qemu", maxmem: 0, tags: "homelab" },
  }));
}

/** Edits the built homelab and says what is refused: each as `path: problem`, and the remedies. */
export function refusalsOf(
  edit: (inventory: Inventory) => void,
  facts: Partial<Pick<EditFacts, "existing" | "removed">> = {},
): { at: string; problem: string; remedy: string }[] {
  const before = buildOf(shipped);
  const edited = structuredClone(shipped);
  edit(edited);
  const renames = findRenames(edited, before);
  const built = applyRenames(before, renames);
  const inventory = keepVmids(edited, built);
  const { existing = existingOf(before), removed = new Set<string>() } = facts;
  const refused = checkEdits({ inventory, plan: planHomelab(inventory), built, existing, renames, removed });
  return refused.map(({ path, problem, remedy }) => ({ at: path.join("."), problem, remedy }));
}
