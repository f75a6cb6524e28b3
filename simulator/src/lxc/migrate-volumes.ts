import { ApiError } from "../api-error.ts";
import { volumeOf } from "../guest/features.ts";
import { clonesOf } from "../guest/linked-clones.ts";
import { volumesOfGuest } from "../guest/volumes.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";
import type { Volume } from "../state/storage.ts";
import type { Log } from "../tasks.ts";
import { isShared, splitVolumeId, type World } from "../world.ts";

/** Where the volumes of a storage go. */
export type StorageMap = (storage: string) => string;

/** Sends local volumes, snapshots and all; those of shared storages are there already. */
export function moveVolumes(world: World, guest: Guest, target: string, storageMap: StorageMap, log: Log): void {
  const { node } = guest;
  const local = volumesOfGuest(world, guest).filter(
    ({ id }) => !isShared(world.storage(node, splitVolumeId(id).storage)),
  );
  for (const { id } of local) log(`found local volume '${id}' (${describeUse(guest, id)})`);
  refuseObstacles(world, node, local, log);
  for (const { id, volume } of local) {
    const { storage, name } = splitVolumeId(id);
    const there = storageMap(storage);
    const volumes = world.volumesOn(target, there);
    if (volumes[name] !== undefined) throw new ApiError(500, `volume '${there}:${name}' already exists`);
    volumes[name] = { ...volume, ...(volume.snapshots === undefined ? {} : { snapshots: { ...volume.snapshots } }) };
    Reflect.deleteProperty(world.volumesOn(node, storage), name);
    log(`successfully imported '${there}:${name}'`);
    log(`volume '${id}' is '${there}:${name}' on the target`);
    if (there !== storage) renameVolume(guest, id, `${there}:${name}`);
  }
  guest.node = target;
}

function refuseObstacles(
  world: World,
  node: string,
  local: readonly { readonly id: string; readonly volume: Volume }[],
  log: Log,
): void {
  const obstacles = local.flatMap(({ id, volume }) => {
    if (volume.parent !== undefined) return [`can't migrate local volume '${id}': clone of '${volume.parent}'`];
    const clones = clonesOf(world, node, id);
    return clones.length > 0 ? [`can't migrate local volume '${id}': base volume is used by linked clones`] : [];
  });
  for (const obstacle of obstacles) log(`WARN: ${obstacle}`);
  if (obstacles.length > 0) throw new ApiError(500, "can't migrate CT - check log");
}

function renameVolume(guest: Guest, from: string, to: string): void {
  for (const section of sectionsOf(guest)) {
    for (const [key, text] of Object.entries(section)) {
      if (volumeOf(text) === from) section[key] = text.replace(from, to);
    }
  }
}

function describeUse({ config, snapshots }: Guest, id: string): string {
  const names = (section: Section) => Object.values(section).some((text) => volumeOf(text) === id);
  if (names(config)) return "in current VM config";
  return Object.values(snapshots).some((snapshot) => names(snapshot.config))
    ? "referenced by snapshot(s)"
    : "via storage";
}

function sectionsOf({ config, snapshots }: Guest): Section[] {
  return [config, ...Object.values(snapshots).map((snapshot) => snapshot.config)];
}
