import { ApiError } from "../api-error.ts";
import { splitVolumeId, type World } from "../world.ts";
import { copyFileSystem, keepsFiles } from "./volumes.ts";

/** Remembers what a volume is now, under a name. */
export function snapshotVolume(world: World, node: string, volumeId: string, snapname: string): void {
  const volume = world.volume(node, volumeId);
  const { size, fileSystem } = volume;
  const kept = fileSystem === undefined ? {} : { fileSystem: copyFileSystem(fileSystem) };
  volume.snapshots = { ...volume.snapshots, [snapname]: { size, created: world.seconds(), ...kept } };
}

/**
 * Forgets a snapshot of a volume.
 * @throws {ApiError} 500 where a storage lacks the volume
 */
export function unsnapshotVolume(world: World, node: string, volumeId: string, snapname: string): void {
  const { snapshots } = world.volume(node, volumeId);
  if (snapshots !== undefined) Reflect.deleteProperty(snapshots, snapname);
}

/**
 * Refuses a rollback that the storage can't do: ZFS goes back to the latest snapshot only.
 * @throws {ApiError} 500
 */
export function checkRollback(world: World, node: string, volumeId: string, snapname: string): void {
  const { snapshots = {} } = world.volume(node, volumeId);
  if (snapshots[snapname] === undefined) {
    throw new ApiError(500, `can't rollback, snapshot '${snapname}' does not exist on '${volumeId}'`);
  }
  const storage = world.storage(node, splitVolumeId(volumeId).storage);
  if (!keepsFiles(storage) && Object.keys(snapshots).at(-1) !== snapname) {
    throw new ApiError(500, `can't rollback, '${snapname}' is not most recent snapshot on '${volumeId}'`);
  }
}

/** Makes a volume what it was. */
export function rollBackVolume(world: World, node: string, volumeId: string, snapname: string): void {
  const volume = world.volume(node, volumeId);
  const snapshot = volume.snapshots?.[snapname];
  if (snapshot === undefined) return;
  volume.size = snapshot.size;
  if (snapshot.fileSystem === undefined) delete volume.fileSystem;
  else volume.fileSystem = copyFileSystem(snapshot.fileSystem);
}
