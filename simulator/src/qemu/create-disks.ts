import { ApiError } from "../api-error.ts";
import { allocateVolume, copyFileSystem, keepsFiles } from "../guest/volumes.ts";
import { printSize } from "../guest/sizes.ts";
import type { Section } from "../state/cluster.ts";
import { usageOf } from "../storage/status.ts";
import type { DiskFileSystem, Volume } from "../state/storage.ts";
import type { Log } from "../tasks.ts";
import { splitVolumeId, type World } from "../world.ts";
import { isCloudInit, isDriveName, newDiskOf, parseDrive, printDrive, type Drive } from "./drives.ts";
import { imageOf, virtualSizeOf } from "./images.ts";

/** What disks are made for. */
export interface DiskTarget {
  readonly node: string;
  readonly vmid: number;
  /** The configuration so far: there is one cloud-init drive at most. */
  readonly config: Section;
  readonly defaultStorage?: string | undefined;
}

const mib = 2 ** 20;
const cloudInitSize = 4 * mib;
const tpmStateSize = 4 * mib;
/** Of OVMF's variables. */
const efiSizes = { "2m": 128 * 1024, "4m": 528 * 1024 } as const;

/** Makes the disks that drives of a request describe, and returns the drives as the configuration gets them. */
export function createDisks(world: World, target: DiskTarget, drives: Section, log: Log): Section {
  const created: Record<string, string> = {};
  for (const [name, text] of Object.entries(drives).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!isDriveName(name)) continue;
    const drive = parseDrive(name, text);
    const made = createDrive(world, { ...target, config: { ...target.config, ...created } }, name, drive, log);
    created[name] = printDrive(name, made);
    if (newDiskOf(drive) !== undefined || drive["file"]?.endsWith(":cloudinit") === true) {
      log(`${name}: successfully created disk '${created[name]}'`);
    }
  }
  return created;
}

/** The size that a storage really gives to a disk: ZFS rounds up to whole MiB. */
export function roundedSize(world: World, node: string, storage: string, bytes: number): number {
  return keepsFiles(world.storage(node, storage)) ? bytes : Math.ceil(bytes / mib) * mib;
}

/** Makes a disk of a virtual machine and remembers what is on it; returns its volume's ID. */
export function allocateDisk(
  world: World,
  { node, vmid }: Pick<DiskTarget, "node" | "vmid">,
  disk: {
    readonly storage: string;
    readonly size: number;
    readonly format?: string | undefined;
    readonly image?: string | undefined;
    readonly fileSystem?: DiskFileSystem | undefined;
    /** What is copied to it. */
    readonly source?: string | undefined;
  },
): string {
  const { storage, size, format, image, fileSystem, source } = disk;
  checkFormat(world, node, storage, format);
  const bytes = roundedSize(world, node, storage, size);
  const state = world.storage(node, storage);
  const { total, used } = usageOf(world, node, state);
  const id = allocateVolume(world, { node, storage, vmid, type: "qemu", size: bytes, format });
  const path = `${state.config["pool"] ?? state.config["path"] ?? storage}/${splitVolumeId(id).name}`;
  // Without `sparse` ZFS sets the whole size apart.
  if (state.type === "zfspool" && state.config["sparse"] !== "1" && used + bytes > total) {
    throw new ApiError(500, `zfs error: cannot create '${path}': out of space`);
  }
  if (source !== undefined) refuseFullStorage(world, node, storage, { source, path, format: format ?? "raw" });
  if (image !== undefined) markImage(world, node, id, image);
  if (fileSystem !== undefined) world.volume(node, id).fileSystem = copyFileSystem(fileSystem);
  return id;
}

/** Writing a copy fails as it does on a full storage; an empty disk takes nothing yet. */
function refuseFullStorage(
  world: World,
  node: string,
  storage: string,
  { source, path, format }: { readonly source: string; readonly path: string; readonly format: string },
): void {
  const { total, used } = usageOf(world, node, world.storage(node, storage));
  if (used < total) return;
  const command = `/usr/bin/qemu-img convert -p -n -O ${format} ${source} ${path}`;
  throw new ApiError(500, `copy failed: command '${command}' failed: exit code 1`);
}

/** Writes down what is on a disk. */
export function markImage(world: World, node: string, volumeId: string, image: string): void {
  const { storage, name } = splitVolumeId(volumeId);
  const volumes = world.volumesOn(node, storage);
  const volume = volumes[name];
  if (volume !== undefined) volumes[name] = { ...volume, image };
}

/** The first drive of a configuration that cloud-init reads. */
export function cloudInitDriveOf(config: Section): string | undefined {
  return Object.keys(config).find((name) => isDriveName(name) && isCloudInit(parseDrive(name, config[name] ?? "")));
}

function createDrive(world: World, target: DiskTarget, name: string, drive: Drive, log: Log): Drive {
  const { file = "" } = drive;
  const { size: _size, ...plain } = drive;
  if (file === "none" || file === "cdrom") return plain;
  if (isCloudInit(drive)) refuseSecondCloudInit(target.config, name);
  if (file === "cloudinit" || file.endsWith(":cloudinit")) return createCloudInit(world, target, drive);
  const wanted = newDiskOf(drive);
  if (wanted === undefined) return attachVolume(world, target, name, drive);
  const storage = wanted.storage ?? target.defaultStorage;
  if (storage === undefined) throw new ApiError(500, "no storage ID specified (and no default storage)");
  const { format, "import-from": source, ...rest } = plain;
  const content =
    source === undefined ? { size: newSize(name, drive, wanted.gib) } : readSource(world, target.node, source, log);
  const id = allocateDisk(world, target, { storage, format, source, ...content });
  const extra =
    name === "efidisk0" && source === undefined && rest["pre-enrolled-keys"] === "1" ? { "ms-cert": "2023" } : {};
  return { ...rest, ...extra, file: id, size: printSize(world.volume(target.node, id).size) };
}

function newSize(name: string, drive: Drive, gib: number): number {
  if (name === "efidisk0") return efiSizes[drive["efitype"] === "4m" ? "4m" : "2m"];
  if (name === "tpmstate0") return tpmStateSize;
  return Math.round(gib * 2 ** 30);
}

function createCloudInit(world: World, { node, vmid, defaultStorage }: DiskTarget, drive: Drive): Drive {
  const [named] = (drive["file"] ?? "").split(":");
  const storage = named === "cloudinit" ? defaultStorage : named;
  if (storage === undefined) throw new ApiError(500, "no storage ID specified (and no default storage)");
  const { format: wanted, size: _size, ...rest } = drive;
  const format = wanted ?? (keepsFiles(world.storage(node, storage)) ? "qcow2" : "raw");
  checkFormat(world, node, storage, format);
  const size = cloudInitSize;
  const file = allocateVolume(world, { node, storage, vmid, type: "qemu", size, format, name: "cloudinit" });
  return { ...rest, file, media: "cdrom" };
}

function refuseSecondCloudInit(config: Section, name: string): void {
  const other = cloudInitDriveOf(Object.fromEntries(Object.entries(config).filter(([key]) => key !== name)));
  if (other !== undefined) throw new ApiError(500, `${name} - cloud-init drive is already attached at '${other}'`);
}

function attachVolume(world: World, { node }: DiskTarget, name: string, drive: Drive): Drive {
  const { file = "", format } = drive;
  // A path is a device of the node, whose size nobody knows here.
  if (file.startsWith("/")) return drive;
  const volume = world.volume(node, file);
  if (volume.content !== "images" && volume.content !== "iso") {
    throw new ApiError(500, `cannot use volume ${file} - content type needs to be 'images' or 'iso'`);
  }
  if (format !== undefined && format !== volume.format) {
    throw new ApiError(
      500,
      `drive '${name}' - volume '${file}' - 'format=${format}' option different from storage format '${volume.format}'`,
    );
  }
  return { ...drive, size: printSize(volume.size) };
}

/** Reads the disk that is imported. */
function readSource(world: World, node: string, source: string, log: Log) {
  const volume = sourceVolume(world, node, source);
  if (source.includes(".ova/")) {
    throw new ApiError(501, "the simulator does not know imports out of an OVA file yet");
  }
  if (isCloudInit({ file: source }))
    throw new ApiError(500, `cannot import from '${source}' - cannot import from cloudinit disk`);
  const size = virtualSizeOf(volume);
  const total = `${(size / 2 ** 30).toFixed(1)} GiB`;
  log(`transferred 0.0 B of ${total} (0.00%)`);
  log(`transferred ${total} of ${total} (100.00%)`);
  return { size, image: imageOf(volume), fileSystem: volume.fileSystem };
}

function sourceVolume(world: World, node: string, source: string): Volume {
  if (source.startsWith("/")) {
    const file = world.node(node).files[source];
    if (file?.kind !== "file") throw new ApiError(500, `Unable to find volume/path '${source}'`);
    const name = source.split("/").at(-1) ?? source;
    const size = Buffer.byteLength(file.content, "base64");
    const format = /\.(qcow2|img)$/.test(name) ? "qcow2" : "raw";
    return { name, content: "import", format, size, created: file.mtime };
  }
  const { storage, name } = splitVolumeId(source);
  world.storage(node, storage);
  const volume = world.volumesOn(node, storage)[name];
  if (volume === undefined) throw new ApiError(500, `cannot import from '${source}' - could not get size of ${source}`);
  return volume;
}

function checkFormat(world: World, node: string, storage: string, format: string | undefined): void {
  const known = keepsFiles(world.storage(node, storage)) ? ["raw", "qcow2", "vmdk"] : ["raw"];
  if (format !== undefined && !known.includes(format)) throw new ApiError(500, `unsupported format '${format}'`);
}
