import { ApiError } from "../api-error.ts";
import { fileEntry } from "../files/file-layer.ts";
import { disksOf, volumeOf } from "../guest/features.ts";
import { freeUnlessUsed } from "../guest/linked-clones.ts";
import { addUnused } from "../guest/unused.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";
import type { Log } from "../tasks.ts";
import { splitVolumeId, type World } from "../world.ts";
import { createDisk } from "./disks.ts";
import { isMountPoint, newVolume, parseMountPoint, printMountPoint } from "./mount-points.ts";
import { writeNetwork } from "./system.ts";

/** What changes nothing in a running container's kernel. */
const atOnce = new Set("description onboot startup protection hostname hookscript cores tags lock".split(" "));
/** What a running container's control group takes. */
const hotpluggable = new Set(["memory", "swap", "cpulimit", "cpuunits"]);

/** A container's configuration as it will be after the next start. */
export function pendingConfig({ config, pending }: Guest): Section {
  const result: Section = { ...config };
  for (const [name, value] of Object.entries(pending)) {
    if (value === null) Reflect.deleteProperty(result, name);
    else result[name] = value;
  }
  return result;
}

/** Forgets pending changes that change nothing. */
export function cleanUpPending({ config, pending }: Guest): void {
  for (const [name, value] of Object.entries(pending)) {
    const current = config[name];
    if (value === null ? current === undefined : current === value) Reflect.deleteProperty(pending, name);
  }
}

/**
 * Applies the pending changes that were just made, as far as a container that is stopped or running takes them.
 * @returns what is wrong, by setting
 */
export function applyChanges(world: World, guest: Guest, names: ReadonlySet<string>): Record<string, string> {
  const running = guest.status === "running";
  const errors: Record<string, string> = {};
  for (const [name, value] of sortedPending(guest)) {
    if (!names.has(name) || (running && !isHotpluggable(guest, name, value))) continue;
    try {
      applyOne(world, guest, name, value);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      errors[name] = running
        ? `unable to hotplug ${name}: ${error.message}`
        : `unable to apply pending change ${name} : ${error.message}`;
    }
  }
  if (running && [...names].some((name) => /^net\d+$/.test(name))) {
    writeNetwork(guest, (path, text) => {
      guest.inside.files[path] = fileEntry(text, world.seconds());
    });
  }
  return errors;
}

/** Applies everything that is pending, before a start; what can't be applied stays. */
export function applyPending(world: World, guest: Guest, log: Log): void {
  for (const [name, value] of sortedPending(guest)) {
    try {
      applyOne(world, guest, name, value);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      log(`unable to apply pending change ${name} : ${error.message}`);
    }
  }
}

/** A volume that is used again is no longer unused. */
export function dropUsedUnused({ config }: Guest): void {
  const used = new Set(disksOf("lxc", config).map(({ volume }) => volume));
  for (const [name, text] of Object.entries(config)) {
    if (/^unused\d+$/.test(name) && used.has(volumeOf(text))) Reflect.deleteProperty(config, name);
  }
}

/** Whether a volume is used by a container now, after its next start, or by a snapshot. */
export function isVolumeInUse({ config, pending, snapshots }: Guest, volumeId: string): boolean {
  const changes = Object.entries(pending).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
  return [config, Object.fromEntries(changes), ...Object.values(snapshots).map((snapshot) => snapshot.config)].some(
    (section) => disksOf("lxc", section).some(({ volume }) => volume === volumeId),
  );
}

/** Deletions come first, as on a node. */
function sortedPending({ pending }: Guest): [string, string | null][] {
  return Object.entries(pending).sort(
    ([a, one], [b, other]) => Number(one !== null) - Number(other !== null) || (a < b ? -1 : 1),
  );
}

function isHotpluggable({ config }: Guest, name: string, value: string | null): boolean {
  if (atOnce.has(name) || /^net\d+$/.test(name)) return true;
  if (hotpluggable.has(name)) return true;
  if (value === null) return /^unused\d+$/.test(name);
  return /^(?:mp|dev)\d+$/.test(name) && config[name] === undefined;
}

function applyOne(world: World, guest: Guest, name: string, value: string | null): void {
  const { config, pending } = guest;
  const before = config[name];
  if (value === null) {
    Reflect.deleteProperty(config, name);
    if (/^unused\d+$/.test(name) && before !== undefined) removeUnused(world, guest, before);
  } else config[name] = /^mp\d+$/.test(name) ? applyMountPoint(world, guest, name, value) : value;
  Reflect.deleteProperty(pending, name);
  if (/^mp\d+$/.test(name) && before !== undefined) keepUnused(guest, parseMountPoint(name, before).volume);
  if (isMountPoint(name)) dropUsedUnused(guest);
}

function applyMountPoint(world: World, guest: Guest, name: string, text: string): string {
  const mountPoint = parseMountPoint(name, text);
  if (mountPoint.kind !== "volume" || newVolume(mountPoint) !== undefined) return createDisk(world, guest, mountPoint);
  const { storage, name: volume } = splitVolumeId(mountPoint.volume);
  // The size is the volume's, whatever was written; a volume that is not there is found at the next start.
  return printMountPoint(mountPoint, world.volumesOn(guest.node, storage)[volume]?.size);
}

function keepUnused(guest: Guest, volumeId: string): void {
  if (!isVolumeInUse({ ...guest, snapshots: {} }, volumeId)) addUnused(guest, volumeId);
}

function removeUnused(world: World, guest: Guest, text: string): void {
  const volumeId = volumeOf(text);
  const { storage, name } = splitVolumeId(volumeId);
  const volume = world.volumesOn(guest.node, storage)[name];
  if (volume?.vmid === guest.vmid && !isVolumeInUse(guest, volumeId)) freeUnlessUsed(world, guest.node, volumeId);
}
