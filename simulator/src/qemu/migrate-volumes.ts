import { allocateVolume } from "../guest/volumes.ts";
import { parseSize } from "../guest/sizes.ts";
import { copyOf } from "../guest/snapshots.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";
import type { Log } from "../tasks.ts";
import { isShared, splitVolumeId, type World } from "../world.ts";
import { drivesOf, isCdrom, isCloudInit, volumeOf } from "./drives.ts";

/** A volume of a machine that other nodes don't see. */
export interface LocalVolume {
  readonly id: string;
  readonly cdrom: boolean;
  readonly unused: boolean;
  /** In bytes. */
  readonly size: number;
}

/** Which storage of the target takes the volumes of one. */
export type StorageMap = (storage: string) => string;

/** The volumes that have to be copied when a machine goes to another node. */
export function localVolumes({ state }: World, { config }: Guest): LocalVolume[] {
  const drives = drivesOf(config).map(({ drive }) => ({
    id: volumeOf(drive) ?? "",
    cdrom: isCdrom(drive) && !isCloudInit(drive),
    unused: false,
    size: parseSize(drive["size"] ?? "0"),
  }));
  const unused = Object.entries(config)
    .filter(([name]) => /^unused\d+$/.test(name))
    .map(([, id]) => ({ id, cdrom: false, unused: true, size: 0 }));
  return [...drives, ...unused].filter(({ id }) => {
    if (id === "") return false;
    const storage = state.storages[splitVolumeId(id).storage];
    return storage === undefined || !isShared(storage);
  });
}

/** Copies local volumes to another node, and leaves none behind. */
export function moveVolumes(world: World, guest: Guest, target: string, map: StorageMap, log: Log): void {
  const { node } = guest;
  const states = Object.values(guest.snapshots).flatMap((snapshot) => snapshot.config["vmstate"] ?? []);
  const ids = [...localVolumes(world, guest).map(({ id }) => id), ...states];
  const moved = new Map<string, string>();
  for (const id of new Set(ids)) {
    const { storage, name } = splitVolumeId(id);
    const volume = copyOf(world.volume(node, id));
    const to = map(storage);
    const taken = world.volumesOn(target, to)[name] !== undefined;
    const { vmid } = guest;
    const { size, format } = volume;
    const newId =
      taken || to !== storage
        ? allocateVolume(world, { node: target, storage: to, vmid, type: "qemu", size, format })
        : id;
    const { name: newName } = splitVolumeId(newId);
    world.volumesOn(target, to)[newName] = { ...volume, name: newName };
    Reflect.deleteProperty(world.volumesOn(node, storage), name);
    log(`copying local disk image: '${id}'`);
    log(`volume '${id}' is '${newId}' on the target`);
    moved.set(id, newId);
  }
  guest.config = renameIn(guest.config, moved);
  for (const [name, snapshot] of Object.entries(guest.snapshots)) {
    guest.snapshots[name] = { ...copyOf(snapshot), config: renameIn(snapshot.config, moved) };
  }
}

function renameIn(config: Section, moved: ReadonlyMap<string, string>): Section {
  const entries = Object.entries(config).map(([name, text]) => {
    const [id = "", ...rest] = text.split(",");
    const to = moved.get(id);
    return [name, to === undefined ? text : [to, ...rest].join(",")] as const;
  });
  return Object.fromEntries(entries);
}
