import { ApiError } from "../api-error.ts";
import { freeUnlessUsed } from "../guest/linked-clones.ts";
import { allocateVolume } from "../guest/volumes.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";
import { usageOf } from "../storage/status.ts";
import type { Log } from "../tasks.ts";
import { splitVolumeId, type World } from "../world.ts";
import { mountPointsOf, newVolume, printMountPoint, type MountPoint } from "./mount-points.ts";

/** Makes the volume that a mount point asks for, or takes the one that it names; returns the setting's text. */
export function createDisk(world: World, { node, vmid }: Guest, mountPoint: MountPoint, log: Log = ignore): string {
  const wanted = newVolume(mountPoint);
  if (wanted === undefined) {
    if (mountPoint.kind === "volume") world.volume(node, mountPoint.volume);
    return printMountPoint(mountPoint);
  }
  const { storage, bytes } = wanted;
  return printMountPoint({ ...mountPoint, volume: allocateDisk(world, { node, vmid }, storage, bytes, log) }, bytes);
}

/** Makes an empty volume for a container; returns its ID. */
export function allocateDisk(
  world: World,
  { node, vmid }: Pick<Guest, "node" | "vmid">,
  storage: string,
  bytes: number,
  log: Log = ignore,
): string {
  requireRootdir(world, node, storage);
  const volume = allocateVolume(world, { node, storage, vmid, type: "lxc", size: bytes });
  const { path = "" } = world.storage(node, storage).config;
  if (volume.endsWith(".raw")) describeFormatting(log, `${path}/images/${splitVolumeId(volume).name}`, bytes);
  return volume;
}

/**
 * Fails as unpacking does on a full storage.
 * @throws {ApiError} 500
 */
export function requireSpace(world: World, { node, vmid, config }: Guest, log: Log): void {
  for (const { kind, volume } of mountPointsOf(config)) {
    if (kind !== "volume") continue;
    const { total, used } = usageOf(world, node, world.storage(node, splitVolumeId(volume).storage));
    if (used < total) continue;
    log("tar: ./usr/bin/bash: Cannot write: No space left on device");
    log("tar: Exiting with failure status due to previous errors");
    const mapping = config["unprivileged"] === "1" ? "lxc-usernsexec -m u:0:100000:65536 -m g:0:100000:65536 -- " : "";
    throw new ApiError(
      500,
      `command '${mapping}tar xpf - --totals --one-file-system -p --sparse --numeric-owner --acls --xattrs -C /var/lib/lxc/${vmid}/rootfs --skip-old-files --anchored --exclude './dev/*'' failed: exit code 2`,
    );
  }
}

/** Removes volumes that a configuration names and its guest owns; returns their IDs. */
export function removeDisks(world: World, { node, vmid }: Guest, config: Section): string[] {
  const unused = Object.entries(config).filter(([key]) => /^unused\d+$/.test(key));
  const volumes = new Set([
    ...mountPointsOf(config)
      .filter(({ kind, volume }) => kind === "volume" && !/:\d+(?:\.\d+)?$/.test(volume))
      .map(({ volume }) => volume),
    ...unused.map(([, volume]) => volume),
  ]);
  const removed: string[] = [];
  for (const id of volumes) {
    const { storage, name } = splitVolumeId(id);
    if (world.volumesOn(node, storage)[name]?.vmid !== vmid) continue;
    freeUnlessUsed(world, node, id);
    removed.push(id);
  }
  return removed;
}

function requireRootdir(world: World, node: string, name: string): void {
  const { config } = world.storage(node, name);
  if (!(config["content"] ?? "").split(",").includes("rootdir")) {
    throw new ApiError(500, `content type 'rootdir' is not available or configured on storage '${name}'`);
  }
}

/** What qemu-img and mkfs.ext4 say, as far as Proxmox shows it. */
function describeFormatting(log: Log, path: string, bytes: number): void {
  const blocks = bytes / 4096;
  log(`Formatting '${path}', fmt=raw size=${bytes} preallocation=off`);
  log(`Creating filesystem with ${blocks} 4k blocks and ${blocks / 4} inodes`);
}

function ignore(): void {
  // Where no task listens.
}
