import { ApiError } from "../api-error.ts";
import type { Volume } from "../state/storage.ts";
import { splitVolumeId, type World } from "../world.ts";
import { isBase } from "./features.ts";
import { freeVolume } from "./volumes.ts";

/** Makes a volume the base of linked clones, as a template has them; returns its new ID. */
export function makeBase(world: World, node: string, volumeId: string): string {
  const { storage, name } = splitVolumeId(volumeId);
  const volumes = world.volumesOn(node, storage);
  const volume = world.volume(node, volumeId);
  const own = ownName(name);
  const base = own.replace(/(^|\/)(?:vm|(sub)vol)-/, (_, slash: string, subvol?: string) =>
    subvol === undefined ? `${slash}base-` : `${slash}basevol-`,
  );
  if (volumes[base] !== undefined) throw new ApiError(500, `volume '${storage}:${base}' already exists`);
  volumes[base] = renamed(volume, base);
  Reflect.deleteProperty(volumes, name);
  return `${storage}:${base}`;
}

/** Makes a linked clone of a base for a guest; returns its ID, which names the base, too. */
export function cloneBase(world: World, node: string, volumeId: string, vmid: number): string {
  const { storage, name } = splitVolumeId(volumeId);
  if (!isBase(volumeId)) throw new ApiError(500, `volume '${volumeId}' is not a base image`);
  const volumes = world.volumesOn(node, storage);
  const base = world.volume(node, volumeId);
  const taken = new Set(Object.keys(volumes).map(ownName));
  const nameOf = (index: number) =>
    name
      .replace(/(^|\/)base(vol)?-\d+-disk-\d+/, (_, slash: string, subvol?: string) =>
        [slash, subvol === undefined ? "vm" : "subvol", `-${vmid}-disk-${index}`].join(""),
      )
      .replace(/^\d+\//, `${vmid}/`)
      // On files a clone refers to its base in the format that can: qcow2.
      .replace(/\.[a-z0-9]+$/, ".qcow2");
  let index = 0;
  while (taken.has(nameOf(index))) index++;
  const clone = `${name}/${nameOf(index)}`;
  const format = clone.endsWith(".qcow2") ? "qcow2" : base.format;
  volumes[clone] = { ...renamed(base, clone), format, vmid, created: world.seconds(), parent: name };
  return `${storage}:${clone}`;
}

/** The linked clones that stand on a base, by their names. */
export function clonesOf(world: World, node: string, volumeId: string): string[] {
  const { storage, name } = splitVolumeId(volumeId);
  return Object.keys(world.volumesOn(node, storage)).filter((other) => other.startsWith(`${name}/`));
}

/**
 * Removes a volume, unless linked clones stand on it.
 * @throws {ApiError} 500
 */
export function freeUnlessUsed(world: World, node: string, volumeId: string): void {
  if (isBase(volumeId) && clonesOf(world, node, volumeId).length > 0) {
    throw new ApiError(500, `base volume '${splitVolumeId(volumeId).name}' is still in use by linked clones`);
  }
  freeVolume(world, node, volumeId);
}

/** The part of a linked clone's name that is its own: `100/vm-100-disk-0.qcow2`, `subvol-100-disk-0`. */
function ownName(name: string): string {
  return /(?:\d+\/)?[^/]+$/.exec(name)?.[0] ?? name;
}

function renamed({ snapshots: _, parent: _parent, ...volume }: Volume, name: string): Volume {
  return { ...volume, name };
}
