import { cloneBase } from "../guest/linked-clones.ts";
import { printSize } from "../guest/sizes.ts";
import { allocateVolume, keepsFiles } from "../guest/volumes.ts";
import type { Log } from "../tasks.ts";
import { splitVolumeId, type World } from "../world.ts";
import { allocateDisk } from "./create-disks.ts";
import { isCloudInit, type Drive } from "./drives.ts";

/** Where a copy of a drive goes. */
export interface CopyTarget {
  /** The node that has both. */
  readonly node: string;
  readonly vmid: number;
  /** The storage of the original where it is left out. */
  readonly storage?: string | undefined;
  readonly format?: string | undefined;
  /** The snapshot that is copied. */
  readonly snapname?: string | undefined;
}

/** Copies a drive with all that is on it: PVE::QemuServer::clone_disk. */
export function copyDrive(world: World, drive: Drive, target: CopyTarget, log: Log): Drive {
  const { node, vmid, snapname } = target;
  const source = drive["file"] ?? "";
  const storage = target.storage ?? splitVolumeId(source).storage;
  const volume = world.volume(node, source);
  const { format: _, ...rest } = drive;
  if (isCloudInit(drive)) {
    const format = keepsFiles(world.storage(node, storage)) ? "qcow2" : "raw";
    const { size } = volume;
    const file = allocateVolume(world, { node, storage, vmid, type: "qemu", size, format, name: "cloudinit" });
    return { ...rest, file };
  }
  const { size, fileSystem } = snapname === undefined ? volume : (volume.snapshots?.[snapname] ?? volume);
  const format = keepsFiles(world.storage(node, storage)) ? (target.format ?? volume.format) : undefined;
  log(`create full clone of drive (${source})`);
  const copied = { size, image: volume.image, fileSystem };
  const file = allocateDisk(world, { node, vmid }, { storage, format, source, ...copied });
  const total = `${(size / 2 ** 30).toFixed(1)} GiB`;
  log(`transferred ${total} of ${total} (100.00%)`);
  return { ...rest, file, size: printSize(world.volume(node, file).size) };
}

/** Makes a linked clone of a template's drive. */
export function linkDrive(world: World, drive: Drive, { node, vmid }: CopyTarget, log: Log): Drive {
  const source = drive["file"] ?? "";
  log(`create linked clone of drive (${source})`);
  return { ...drive, file: cloneBase(world, node, source, vmid) };
}
