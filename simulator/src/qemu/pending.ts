import { parseSetting } from "../guest/config.ts";
import { addUnused } from "../guest/unused.ts";
import { freeVolume } from "../guest/volumes.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";
import type { Log } from "../tasks.ts";
import { splitVolumeId, type World } from "../world.ts";
import { isCdrom, isCloudInit, isDriveName, parseDrive, volumeOf, type Drive } from "./drives.ts";

/** What changes nothing in a running QEMU. */
const atOnce =
  /^(?:description|hookscript|lock|migrate_downtime|migrate_speed|name|onboot|protection|shares|startup|tags|vmstatestorage|citype|ciuser|cipassword|ciupgrade|cicustom|searchdomain|nameserver|sshkeys|ipconfig\d+)$/;

/** The configuration as it will be after the next start. */
export function pendingConfig({ config, pending }: Guest): Section {
  const result: Section = { ...config };
  for (const [name, value] of Object.entries(pending)) {
    if (value === null) Reflect.deleteProperty(result, name);
    else result[name] = value;
  }
  return result;
}

/** Applies everything that is pending: the machine is stopped. */
export function applyPending(world: World, guest: Guest, log: Log): void {
  for (const [name, value] of sortedPending(guest)) applyOne(world, guest, name, value, log);
  guest.pending = {};
  delete guest.pendingForce;
}

/** Applies what a running machine can take, and leaves the rest pending. */
export function hotplugPending(world: World, guest: Guest, log: Log): void {
  const features = hotplugFeatures(guest.config);
  for (const [name, value] of sortedPending(guest)) {
    if (!isHotpluggable(guest, name, value, features)) continue;
    applyOne(world, guest, name, value, log);
    Reflect.deleteProperty(guest.pending, name);
    guest.pendingForce = guest.pendingForce?.filter((other) => other !== name) ?? [];
  }
}

/** Forgets pending changes that change nothing. */
export function cleanUpPending({ config, pending }: Guest): void {
  for (const [name, value] of Object.entries(pending)) {
    const current = config[name];
    if (value === null ? current === undefined : current === value) Reflect.deleteProperty(pending, name);
  }
}

/** Keeps the volume of a drive that is used no more as unused; a cloud-init drive's goes. */
export function keepUnused(world: World, guest: Guest, drive: Drive): void {
  const id = volumeOf(drive);
  if (id === undefined) return;
  if (isCloudInit(drive)) {
    freeVolume(world, guest.node, id);
    delete guest.cloudInit;
  } else if (!isCdrom(drive) && ownsVolume(world, guest, id)) addUnused(guest, id);
}

/** Whether a volume belongs to a machine. */
export function ownsVolume(world: World, { node, vmid }: Guest, id: string): boolean {
  const { storage, name } = splitVolumeId(id);
  return world.volumesOn(node, storage)[name]?.vmid === vmid;
}

/** The features of `hotplug`. */
export function hotplugFeatures({ hotplug = "1" }: Section): ReadonlySet<string> {
  if (hotplug === "0") return new Set();
  return new Set((hotplug === "1" ? "network,disk,usb" : hotplug).split(/[,;\s]+/));
}

/** What is pending to be set. */
export function definedOnly(pending: Readonly<Record<string, string | null>>): Section {
  return Object.fromEntries(Object.entries(pending).filter((entry): entry is [string, string] => entry[1] !== null));
}

/** Deletions come first, as on a node. */
function sortedPending({ pending }: Guest): [string, string | null][] {
  return Object.entries(pending).sort(
    ([a, one], [b, other]) => Number(one !== null) - Number(other !== null) || (a < b ? -1 : 1),
  );
}

function applyOne(world: World, guest: Guest, name: string, value: string | null, log: Log): void {
  const { config } = guest;
  const before = config[name];
  if (before !== undefined && isDriveName(name)) {
    const drive = parseDrive(name, before);
    const after = value === null ? undefined : parseDrive(name, value);
    if (value === null && guest.pendingForce?.includes(name) === true) removeDrive(world, guest, drive, log);
    else if (after?.["file"] !== drive["file"]) {
      Reflect.deleteProperty(config, name);
      keepUnused(world, guest, drive);
    }
  }
  if (value === null) Reflect.deleteProperty(config, name);
  else config[name] = value;
  dropReaddedVolumes(config);
}

function removeDrive(world: World, guest: Guest, drive: Drive, log: Log): void {
  const id = volumeOf(drive);
  if (id === undefined || (isCdrom(drive) && !isCloudInit(drive)) || !ownsVolume(world, guest, id)) return;
  freeVolume(world, guest.node, id);
  log(`removing volume '${id}'`);
}

/** A volume that is used again is no longer unused. */
function dropReaddedVolumes(config: Section): void {
  const used = new Set(
    Object.entries(config)
      .filter(([name]) => isDriveName(name))
      .map(([name, text]) => parseDrive(name, text)["file"]),
  );
  for (const [name, text] of Object.entries(config)) {
    if (/^unused\d+$/.test(name) && used.has(text)) Reflect.deleteProperty(config, name);
  }
}

function isHotpluggable(guest: Guest, name: string, value: string | null, features: ReadonlySet<string>): boolean {
  const { config } = guest;
  if (atOnce.test(name)) return true;
  if (/^net\d+$/.test(name)) return features.has("network") || isSameDevice(config[name], value);
  if (isDriveName(name)) return isDriveHotpluggable(config[name], name, value, features.has("disk"));
  if (/^usb\d+$/.test(name)) return features.has("usb") && /^(?:l26|win(?:8|10|11))$/.test(config["ostype"] ?? "");
  if (name === "tablet") return features.has("usb");
  if (name === "vcpus") return features.has("cpu");
  if (name === "memory") return features.has("memory");
  if (name === "cpuunits" || name === "cpulimit") return true;
  if (name === "balloon")
    return value === null ? config["balloon"] !== "0" : (config["balloon"] !== "0") === (value !== "0");
  if (name === "hotplug") return !/cpu|memory/.test(`${value ?? ""} ${config["hotplug"] ?? ""}`);
  return name === "agent" && value !== null && config["agent"] !== undefined && onlyTrimDiffers(config["agent"], value);
}

/** Bridge, VLAN and the like change without plugging a device. */
function isSameDevice(before: string | undefined, after: string | null): boolean {
  if (before === undefined || after === null) return false;
  const [one, other] = [parseSetting("qemu", "net0", before), parseSetting("qemu", "net0", after)];
  const fixed = ["model", "macaddr", "queues", "mtu"] as const;
  return (
    one["bridge"] !== undefined &&
    other["bridge"] !== undefined &&
    fixed.every((key) => (one[key] ?? "") === (other[key] ?? ""))
  );
}

function isDriveHotpluggable(before: string | undefined, name: string, value: string | null, disk: boolean): boolean {
  if (/^(?:efidisk|tpmstate)/.test(name)) return false;
  const old = before === undefined ? undefined : parseDrive(name, before);
  const fixedBus = /^(?:ide|sata)/.test(name);
  if (value === null) return disk && !fixedBus;
  const drive = parseDrive(name, value);
  if (old === undefined) return disk && !fixedBus;
  if (isCdrom(old)) return isCdrom(drive);
  if (old["file"] !== drive["file"]) return disk && !fixedBus;
  const fixed = ["aio", "discard", "iothread", "queues", "product", "cache", "ssd", "vendor", "ro"];
  return fixed.every((key) => old[key] === drive[key]);
}

function onlyTrimDiffers(before: string, after: string): boolean {
  const without = (text: string) => {
    const { fstrim_cloned_disks: _, ...rest } = parseSetting("qemu", "agent", text);
    return JSON.stringify(Object.entries(rest).sort());
  };
  return without(before) === without(after);
}
