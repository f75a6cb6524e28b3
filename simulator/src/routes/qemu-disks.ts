import { ApiError, invalidParameters } from "../api-error.ts";
import { checkConfigDigest } from "../guest/config.ts";
import { isBase } from "../guest/features.ts";
import { freeUnlessUsed, makeBase } from "../guest/linked-clones.ts";
import { unlockedGuest } from "../guest/lock.ts";
import { parseSize, printSize } from "../guest/sizes.ts";
import { addUnused } from "../guest/unused.ts";
import type { Context, Handlers, Parameters } from "../handlers.ts";
import { copyDrive } from "../qemu/copy-disk.ts";
import { drivesOf, isCdrom, isCloudInit, parseDrive, printDrive, volumeOf, type Drive } from "../qemu/drives.ts";
import { requireRootFor } from "../qemu/permissions.ts";
import { isInSnapshot } from "../qemu/remove-volume.ts";
import { checkMachineDigest } from "../qemu/settings.ts";
import type { Guest } from "../state/guest.ts";
import { splitVolumeId, type World } from "../world.ts";
import { reassignDisk } from "./qemu-reassign.ts";

type MoveParameters = Parameters<"POST /nodes/{node}/qemu/{vmid}/move_disk">;

/** The disks of virtual machines: larger, elsewhere, or the base of clones. */
export const qemuDiskHandlers: Handlers = {
  "PUT /nodes/{node}/qemu/{vmid}/resize": ({ node, vmid, disk, size, digest, skiplock = false }, context) => {
    const { world, session } = context;
    requireRootFor(context, { skiplock });
    world.guest("qemu", node, vmid);
    return world.tasks.start({
      node,
      type: "resize",
      id: vmid,
      session,
      seconds: 1,
      work: () => {
        const guest = world.guest("qemu", node, vmid);
        checkMachineDigest(guest, digest);
        const { lock } = guest.config;
        if (lock !== undefined && !skiplock) throw new ApiError(500, `VM is locked (${lock})`);
        resizeDisk(context, guest, disk, size);
        return undefined;
      },
    });
  },
  "POST /nodes/{node}/qemu/{vmid}/move_disk": (parameters, context) => {
    const { storage, "target-vmid": target } = parameters;
    const refuse = (problem: string) => invalidParameters({ "target-vmid": problem, storage: problem });
    if (storage !== undefined && target !== undefined)
      throw refuse("either set 'storage' or 'target-vmid', but not both");
    if (target !== undefined) return reassignDisk({ ...parameters, "target-vmid": target }, context);
    if (storage === undefined) throw refuse("both 'storage' and 'target-vmid' missing, either needs to be set");
    return moveDisk({ ...parameters, storage }, context);
  },
  "POST /nodes/{node}/qemu/{vmid}/template": ({ node, vmid, disk }, { world, session }) => {
    const check = () => {
      const guest = world.guest("qemu", node, vmid);
      const { config, snapshots, status } = guest;
      if (config["lock"] !== undefined) throw new ApiError(500, `VM is locked (${config["lock"]})`);
      if (Object.keys(snapshots).length > 0) {
        throw new ApiError(500, "unable to create template, because VM contains snapshots");
      }
      if (config["template"] === "1" && disk === undefined) {
        throw new ApiError(500, "you can't convert a template to a template");
      }
      if (status === "running") throw new ApiError(500, "you can't convert a VM to template if VM is running");
      return guest;
    };
    check();
    return world.tasks.start({
      node,
      type: "qmtemplate",
      id: vmid,
      session,
      seconds: 2,
      work: () => {
        const guest = check();
        guest.config["template"] = "1";
        makeBases(world, guest, disk);
        return undefined;
      },
    });
  },
};

function resizeDisk({ world, session }: Context, guest: Guest, disk: string, text: string): void {
  const { config, node } = guest;
  const { drive, id } = requireDisk(guest, disk);
  if (isCdrom(drive)) throw new ApiError(500, "you can't resize a cdrom");
  world.require(session, `/storage/${splitVolumeId(id).storage}`, "Datastore.AllocateSpace");
  const volume = world.volume(node, id);
  const wanted = text.startsWith("+") ? volume.size + parseSize(text.slice(1)) : parseSize(text);
  if (wanted < volume.size) throw new ApiError(500, "shrinking disks is not supported");
  if (wanted === volume.size) return;
  volume.size = wanted;
  config[disk] = printDrive(disk, { ...drive, size: printSize(wanted) });
}

function moveDisk(parameters: MoveParameters & { readonly storage: string }, { world, session }: Context): string {
  const { node, vmid, disk, storage, format, digest, delete: remove = false } = parameters;
  world.require(session, `/storage/${storage}`, "Datastore.AllocateSpace");
  const check = (guest: Guest) => {
    const { lock } = guest.config;
    if (lock !== undefined) throw new ApiError(500, `VM is locked (${lock})`);
    checkConfigDigest(guest, digest);
    const { drive, id } = requireDisk(guest, disk);
    if (isCdrom(drive) && !isCloudInit(drive)) throw new ApiError(500, "you can't move a cdrom");
    const current = world.volume(node, id).format;
    if (splitVolumeId(id).storage === storage && (format === undefined || format === current)) {
      throw new ApiError(500, "you can't move to the same storage with same format");
    }
    const target = world.storage(node, storage);
    if (!(target.config["content"] ?? "").split(",").includes("images")) {
      throw invalidParameters({ storage: `storage '${storage}' does not support vm images` });
    }
    const snapshotted = isInSnapshot(guest, id);
    if (snapshotted && remove) throw new ApiError(500, "you can't move a disk with snapshots and delete the source");
    return { drive, id, snapshotted };
  };
  check(unlockedGuest(world, "qemu", node, vmid));
  return world.tasks.start({
    node,
    type: "qmmove",
    id: vmid,
    session,
    seconds: 10,
    work: (log) => {
      const guest = world.guest("qemu", node, vmid);
      const { drive, id, snapshotted } = check(guest);
      const from = splitVolumeId(id).storage;
      log(`copying volume '${id}' from current storage '${from}' to target storage '${storage}'`);
      if (snapshotted) log("moving disk with snapshots, snapshots will not be moved!");
      const moved = copyDrive(world, drive, { node, vmid, storage, format }, log);
      guest.config[disk] = printDrive(disk, moved);
      if (remove) {
        log(`removing source volume '${id}' after successful copy`);
        freeUnlessUsed(world, node, id);
      } else {
        addUnused(guest, id);
        log(`adding source volume '${id}' as '${unusedNameOf(guest, id)}' to config`);
      }
      if (guest.config["template"] === "1") makeBases(world, guest, disk);
      return undefined;
    },
  });
}

/** Makes the disks of a template the bases of linked clones. */
function makeBases(world: World, { node, config }: Guest, only: string | undefined): void {
  for (const { name, drive } of drivesOf(config)) {
    const id = volumeOf(drive);
    if (id === undefined || isCdrom(drive) || isBase(id) || (only !== undefined && only !== name)) continue;
    config[name] = printDrive(name, { ...drive, file: makeBase(world, node, id) });
  }
}

/** A drive with its volume. */
function requireDisk({ config }: Guest, disk: string): { readonly drive: Drive; readonly id: string } {
  const text = config[disk];
  if (text === undefined) throw new ApiError(500, `disk '${disk}' does not exist`);
  const drive = parseDrive(disk, text);
  const id = volumeOf(drive);
  if (id === undefined) {
    throw new ApiError(500, isCdrom(drive) ? "you can't resize a cdrom" : `disk '${disk}' has no associated volume`);
  }
  return { drive, id };
}

function unusedNameOf({ config }: Guest, id: string): string {
  return Object.keys(config).find((name) => /^unused\d+$/.test(name) && config[name] === id) ?? "";
}
