import { datasetOf, findDataset, poolOf, poolStatus } from "../node/zfs.ts";
import type { StorageState, StorageType } from "../state/storage.ts";
import { isShared, type World } from "../world.ts";

const tib = 2 ** 40;

/** The capacity of a storage that has none of its own in the simulator: a NAS, a Storage Box, a disk. */
export function capacityOf(type: StorageType): number {
  return { dir: 0.4 * tib, nfs: 8 * tib, cifs: tib, pbs: 4 * tib, zfspool: 0.4 * tib }[type];
}

/** Whether a node can use a storage now: a pool that has lost its disks takes its storages along. */
export function isActive(world: World, node: string, storage: StorageState): boolean {
  const { config, offline } = storage;
  if (config["disable"] === "1" || offline.includes(node) || world.node(node).off === true) return false;
  const dataset = datasetOf(world.node(node), storage);
  return dataset === undefined || poolStatus(world.state, node, poolOf(dataset))?.health !== "SUSPENDED";
}

/** A storage as a node sees it; what can't be reached has no sizes. */
export function describeStorage(world: World, node: string, storage: StorageState) {
  const { type, config } = storage;
  const common = {
    type,
    content: config["content"] ?? "",
    shared: isShared(storage) ? (1 as const) : (0 as const),
    enabled: config["disable"] === "1" ? (0 as const) : (1 as const),
  };
  if (!isActive(world, node, storage)) return { ...common, active: 0 as const, total: 0, used: 0, avail: 0 };
  const { total, used } = usageOf(world, node, storage);
  return { ...common, active: 1 as const, total, used, avail: total - used, used_fraction: used / total };
}

/** Total and used bytes of a storage: what its dataset says, or its own size and volumes. */
export function usageOf(world: World, node: string, storage: StorageState): { total: number; used: number } {
  const name = datasetOf(world.node(node), storage);
  const dataset = name === undefined ? undefined : findDataset(world.state, node, name);
  if (dataset !== undefined) return { total: dataset.used + dataset.available, used: dataset.used };
  const volumes = Object.values(world.volumesOn(node, storage.storage));
  return { total: storage.size, used: volumes.reduce((sum, volume) => sum + volume.size, 0) };
}

/** How many bytes still fit on a storage. */
export function availableOn(world: World, node: string, storage: string): number {
  const { total, used } = usageOf(world, node, world.storage(node, storage));
  return total - used;
}
