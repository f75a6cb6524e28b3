import type { ClusterState } from "../state/cluster.ts";
import type { StorageState } from "../state/storage.ts";
import { isShared } from "../world.ts";

/** Keeps what is on a storage whose entry is removed: files and datasets stay, until an entry shows the same location again. */
export function leaveVolumes(state: ClusterState, storage: StorageState): void {
  for (const { home, left } of homesOf(state, storage)) {
    const volumes = state.volumes[home];
    Reflect.deleteProperty(state.volumes, home);
    if (volumes === undefined || Object.keys(volumes).length === 0) continue;
    // Another entry may show the same location.
    const other = Object.values(state.storages).find((candidate) => locationOf(candidate) === locationOf(storage));
    const key = other === undefined ? left : (homesOf(state, other).find((one) => one.left === left)?.home ?? left);
    state.volumes[key] = { ...volumes, ...state.volumes[key] };
  }
}

/** Shows what an earlier entry has left at the location of a new one. */
export function findVolumes(state: ClusterState, storage: StorageState): void {
  for (const { home, left } of homesOf(state, storage)) {
    const volumes = state.volumes[left];
    if (volumes === undefined) continue;
    Reflect.deleteProperty(state.volumes, left);
    state.volumes[home] = volumes;
  }
}

/** Where the volumes of a storage are in the state, and where they are while no entry shows them. */
function homesOf(state: ClusterState, storage: StorageState): { readonly home: string; readonly left: string }[] {
  const location = `left at ${locationOf(storage)}`;
  if (isShared(storage)) return [{ home: storage.storage, left: location }];
  return Object.keys(state.nodes).map((node) => ({
    home: `${node}/${storage.storage}`,
    left: `${node}/${location}`,
  }));
}

function locationOf({ type, config }: StorageState): string {
  const parts = {
    dir: [config["path"]],
    nfs: [config["server"], config["export"]],
    cifs: [config["server"], config["share"], config["subdir"]],
    pbs: [config["server"], config["datastore"], config["namespace"]],
    zfspool: [config["pool"]],
  }[type];
  return [type, ...parts].filter((part) => part !== undefined).join(" ");
}
