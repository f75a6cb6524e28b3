import type { Inventory } from "../inventory/inventory.ts";
import { sortedEntries } from "./sorted.ts";

/** A disk that is built in. */
export interface DiskModelPlan {
  /** Path below /dev/disk/by-id, as pools name it. */
  readonly id: string;
  readonly model: string;
}

/** What a node is made of, for who reads the plan: no resource is made of it. */
export interface HardwarePlan {
  readonly node: string;
  readonly cpu: { readonly model: string; readonly cores: number; readonly threads: number };
  readonly memoryBytes: number;
  readonly disks: readonly DiskModelPlan[];
}

/** Lists what the nodes are made of. */
export function planHardware({ nodes }: Inventory): HardwarePlan[] {
  return sortedEntries(nodes).map(([node, { cpu, memory, disks }]) => ({
    node,
    cpu: { model: cpu.model, cores: cpu.cores, threads: cpu.threads },
    memoryBytes: memory,
    disks: sortedEntries(disks).map(([, { id, model }]) => ({ id, model })),
  }));
}
