import { randomUUID } from "node:crypto";
import { ApiError } from "../api-error.ts";
import { unpackBackup, type BackupArchive } from "../backup/archive.ts";
import { parseSetting, printSetting } from "../guest/config.ts";
import { makeBase } from "../guest/linked-clones.ts";
import { printSize } from "../guest/sizes.ts";
import { allocateVolume, freeVolume, keepsFiles } from "../guest/volumes.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";
import type { Log } from "../tasks.ts";
import { splitVolumeId, type World } from "../world.ts";
import { stopSystem } from "./boot.ts";
import { allocateDisk } from "./create-disks.ts";
import { drivesOf, isCdrom, isCloudInit, isDriveName, parseDrive, printDrive, volumeOf, type Drive } from "./drives.ts";
import { withNewMac } from "./networks.ts";
import { keepUnused, ownsVolume } from "./pending.ts";

/** How a backup becomes a machine again. */
export interface RestoreOptions {
  readonly archive: string;
  /** Of all disks; otherwise each goes where it was. */
  readonly storage?: string | undefined;
  /** With MAC addresses of its own. */
  readonly unique: boolean;
  /** What the request says goes before what the backup says. */
  readonly settings: Section;
}

/** Restores a backup into a machine that is new, or that is overwritten. */
export function restoreMachine(world: World, guest: Guest, options: RestoreOptions, log: Log): void {
  const { archive: id, settings, unique } = options;
  const archive = readArchive(world, guest.node, id);
  log(`restore vma archive: ${id}`);
  for (const { setting, size } of archive.disks) log(`DEV: dev_id=1 size: ${size} devname: drive-${setting}`);
  removeOverwritten(world, guest, archive);
  const kept = Object.entries(archive.config).filter(
    ([name]) => !isDriveName(name) && !/^(?:lock|parent|template|vmstate|unused\d+)$/.test(name),
  );
  const drives = restoreDrives(world, guest, archive, options.storage, log);
  const identity = Object.fromEntries(kept);
  guest.config = {
    ...Object.fromEntries(
      kept.map(([name, text]) => [name, unique && /^net\d+$/.test(name) ? withNewMac(name, text) : text]),
    ),
    ...(identity["vmgenid"] === undefined ? {} : { vmgenid: randomUUID() }),
    ...(unique ? { smbios1: withNewUuid(identity["smbios1"] ?? "") } : {}),
    ...unusedOf(guest),
    ...drives,
    ...settings,
  };
  Object.assign(guest, { pending: {}, snapshots: {}, firewall: archive.firewall, inside: archive.inside });
  stopSystem(guest);
  log("progress 100% (read 100% of all data)");
  log("rescan volumes...");
  if (archive.config["template"] === "1") convertToTemplate(world, guest);
}

/**
 * What is in a machine's backup.
 * @throws {ApiError} 500
 */
export function readArchive(world: World, node: string, id: string): BackupArchive {
  const archive = unpackBackup(world.volume(node, id));
  if (archive?.type === "qemu") return archive;
  throw new ApiError(500, `unable to restore VM - '${id}' is no backup of a virtual machine`);
}

/** Disks that the backup brings again go; others stay, as unused. */
function removeOverwritten(world: World, guest: Guest, { disks }: BackupArchive): void {
  const inArchive = new Set(disks.map(({ setting }) => setting));
  for (const { name, drive } of drivesOf(guest.config)) {
    const id = volumeOf(drive);
    if (id === undefined) continue;
    Reflect.deleteProperty(guest.config, name);
    if (isCloudInit(drive) || (inArchive.has(name) && ownsVolume(world, guest, id))) freeVolume(world, guest.node, id);
    else keepUnused(world, guest, drive);
  }
}

function restoreDrives(
  world: World,
  guest: Guest,
  { config, disks }: BackupArchive,
  storage: string | undefined,
  log: Log,
): Section {
  const restored: Record<string, string> = {};
  for (const { name, drive } of drivesOf(config)) {
    const made = restoreDrive(world, guest, name, drive, { disks, storage });
    if (made === undefined) continue;
    restored[name] = printDrive(name, made);
    if (!isCdrom(drive)) log(`new volume ID is '${made["file"] ?? ""}'`);
  }
  return restored;
}

function restoreDrive(
  world: World,
  { node, vmid }: Guest,
  name: string,
  drive: Drive,
  { disks, storage }: Pick<BackupArchive, "disks"> & { readonly storage: string | undefined },
): Drive | undefined {
  const id = volumeOf(drive);
  if (id === undefined || (isCdrom(drive) && !isCloudInit(drive))) return drive;
  const target = storage ?? splitVolumeId(id).storage;
  if (isCloudInit(drive)) {
    const format = keepsFiles(world.storage(node, target)) ? "qcow2" : "raw";
    const size = 4 * 2 ** 20;
    return {
      ...drive,
      file: allocateVolume(world, { node, storage: target, vmid, type: "qemu", size, format, name: "cloudinit" }),
    };
  }
  const disk = disks.find(({ setting }) => setting === name);
  if (disk === undefined) return undefined;
  const wanted = /\.(qcow2|vmdk)$/.exec(id)?.[1] ?? "raw";
  const format = keepsFiles(world.storage(node, target)) ? wanted : undefined;
  const { size, image, fileSystem } = disk;
  const file = allocateDisk(world, { node, vmid }, { storage: target, size, format, image, fileSystem });
  return { ...drive, file, size: printSize(world.volume(node, file).size) };
}

function unusedOf({ config }: Guest): Section {
  return Object.fromEntries(Object.entries(config).filter(([name]) => /^unused\d+$/.test(name)));
}

function withNewUuid(smbios: string): string {
  return printSetting("qemu", "smbios1", { ...parseSetting("qemu", "smbios1", smbios), uuid: randomUUID() });
}

function convertToTemplate(world: World, guest: Guest): void {
  guest.config["template"] = "1";
  for (const [name, text] of Object.entries(guest.config)) {
    if (!isDriveName(name)) continue;
    const drive = parseDrive(name, text);
    const id = volumeOf(drive);
    if (id === undefined || isCdrom(drive)) continue;
    guest.config[name] = printDrive(name, { ...drive, file: makeBase(world, guest.node, id) });
  }
}
