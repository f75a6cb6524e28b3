import { ApiError } from "../api-error.ts";
import type { Guest } from "../state/guest.ts";
import type { DiskFileSystem, StorageState, Volume, VolumeContent } from "../state/storage.ts";
import { splitVolumeId, type World } from "../world.ts";

/** A disk to make for a guest. */
export interface NewVolume {
  readonly node: string;
  readonly storage: string;
  readonly vmid: number;
  readonly type: Guest["type"];
  /** In bytes. */
  readonly size: number;
  /** Of a virtual machine's disk on a storage of files: raw, qcow2 or vmdk. */
  readonly format?: string | undefined;
  /** `cloudinit` and `state-NAME` have names of their own. */
  readonly name?: string | undefined;
}

/** Storages that keep volumes as files. */
export function keepsFiles({ type }: StorageState): boolean {
  return type === "dir" || type === "nfs" || type === "cifs";
}

/**
 * A storage that takes disks of a kind of guest.
 * @throws {ApiError} 500 where it is not there, or lacks the content type
 */
export function storageForDisks(world: World, type: Guest["type"], node: string, name: string): StorageState {
  const storage = world.storage(node, name);
  requireContent(storage, type === "lxc" ? "rootdir" : "images");
  return storage;
}

/**
 * Refuses a storage that lacks a content type.
 * @throws {ApiError} 500
 */
export function requireContent({ storage, config }: StorageState, content: VolumeContent): void {
  if ((config["content"] ?? "").split(",").includes(content)) return;
  const what = content === "rootdir" ? "container directories" : content === "images" ? "vm images" : `'${content}'`;
  throw new ApiError(500, `storage '${storage}' does not support ${what}`);
}

/** Makes a volume with the next free name, and returns its ID. */
export function allocateVolume(world: World, { node, storage, vmid, type, size, format, name }: NewVolume): string {
  const target = storageForDisks(world, type, node, storage);
  const volumes = world.volumesOn(node, storage);
  const actual = formatOn(target, type, format);
  const chosen = name === undefined ? freeName(volumes, target, vmid, type, actual) : named(target, vmid, name, actual);
  if (volumes[chosen] !== undefined) throw new ApiError(500, `volume '${storage}:${chosen}' already exists`);
  volumes[chosen] = {
    name: chosen,
    content: type === "lxc" ? "rootdir" : "images",
    format: actual,
    size,
    vmid,
    created: world.seconds(),
  };
  return `${storage}:${chosen}`;
}

/** Removes a volume, where it is there. */
export function freeVolume(world: World, node: string, volumeId: string): void {
  const { storage, name } = splitVolumeId(volumeId);
  Reflect.deleteProperty(world.volumesOn(node, storage), name);
}

/** A file system for another disk; files are replaced, never changed. */
export function copyFileSystem(fileSystem: DiskFileSystem): DiskFileSystem {
  return { ...fileSystem, files: { ...fileSystem.files } };
}

/** All volumes of a guest that its node sees, backups aside. */
export function volumesOfGuest(
  world: World,
  { node, vmid }: Guest,
): { readonly id: string; readonly volume: Volume }[] {
  return Object.keys(world.state.storages).flatMap((storage) =>
    Object.values(world.volumesOn(node, storage))
      .filter((volume) => volume.vmid === vmid && volume.content !== "backup")
      .map((volume) => ({ id: `${storage}:${volume.name}`, volume })),
  );
}

function formatOn(storage: StorageState, type: Guest["type"], wanted: string | undefined): string {
  if (keepsFiles(storage)) return type === "lxc" ? "raw" : (wanted ?? "raw");
  return type === "lxc" ? "subvol" : "raw";
}

function freeName(
  volumes: Readonly<Record<string, Volume>>,
  storage: StorageState,
  vmid: number,
  type: Guest["type"],
  format: string,
): string {
  const pattern = new RegExp(`(?:^|/)(?:vm|base|subvol|basevol)-${vmid}-disk-(\\d+)(?:\\.[a-z0-9]+)?$`);
  const taken = new Set(Object.keys(volumes).map((name) => Number(pattern.exec(name)?.[1] ?? -1)));
  let index = 0;
  while (taken.has(index)) index++;
  if (!keepsFiles(storage)) return `${type === "lxc" ? "subvol" : "vm"}-${vmid}-disk-${index}`;
  return `${vmid}/vm-${vmid}-disk-${index}.${format}`;
}

function named(storage: StorageState, vmid: number, name: string, format: string): string {
  const full = `vm-${vmid}-${name}`;
  return keepsFiles(storage) ? `${vmid}/${full}.${format}` : full;
}
