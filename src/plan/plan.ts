import type { Inventory } from "../inventory/inventory.ts";
import { planContainer, type ContainerPlan } from "./guests.ts";

/** One Proxmox VE node, decided. */
export interface NodePlan {
  readonly name: string;
  readonly model: string;
  readonly address: string;
}

/** Everything that the components build, decided: plain frozen data. */
export interface HomelabPlan {
  readonly nodes: readonly NodePlan[];
  readonly containers: readonly ContainerPlan[];
}

/** Decides the whole homelab; the order of the inventory's entries changes nothing. */
export function planHomelab(inventory: Inventory): HomelabPlan {
  const nodes = byName(inventory.nodes).map(([name, { model, address }]) => ({ name, model, address }));
  const containers = byName(inventory.containers).map(([name, container]) => planContainer(name, container, inventory));
  return deepFreeze({ nodes, containers });
}

function byName<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

function deepFreeze<T>(value: T): T {
  if (value === null || typeof value !== "object") return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
