import { ApiError, invalidParameters } from "../api-error.ts";
import { checkConfigDigest } from "../guest/config.ts";
import { allocateVolume, freeVolume } from "../guest/volumes.ts";
import type { Context, Parameters } from "../handlers.ts";
import { bootOrderOf, isCdrom, parseDrive, printBootOrder, printDrive, volumeOf } from "../qemu/drives.ts";
import { isInSnapshot } from "../qemu/remove-volume.ts";
import type { Guest } from "../state/guest.ts";
import { splitVolumeId, type World } from "../world.ts";

type ReassignParameters = Parameters<"POST /nodes/{node}/qemu/{vmid}/move_disk"> & { readonly "target-vmid": number };

/** Gives a disk to another machine on the same node. */
export function reassignDisk(parameters: ReassignParameters, { world, session }: Context): string {
  const { node, vmid, disk, digest, "target-vmid": target, "target-digest": targetDigest } = parameters;
  const { "target-disk": targetDisk = disk } = parameters;
  world.require(session, `/vms/${target}`, "VM.Config.Disk");
  if (target === vmid) {
    throw invalidParameters({ "target-vmid": "must be different than source VMID to reassign disk" });
  }
  const check = () => {
    const [source, receiver] = [findMachine(world, vmid, "VM"), findMachine(world, target, "target VM")];
    if (source.node !== receiver.node) {
      throw new ApiError(500, `Both VMs need to be on the same node (${source.node} != ${receiver.node})`);
    }
    for (const { config } of [source, receiver]) {
      if (config["lock"] !== undefined) throw new ApiError(500, `VM is locked (${config["lock"]})`);
      if (config["template"] === "1") throw new ApiError(500, "Can't move disks from or to template VMs");
    }
    checkConfigDigest(source, digest);
    checkConfigDigest(receiver, targetDigest);
    return { source, receiver, id: checkDisks(source, receiver, disk, targetDisk) };
  };
  const { id } = check();
  world.require(session, `/storage/${splitVolumeId(id).storage}`, "Datastore.AllocateSpace");
  return world.tasks.start({
    node,
    type: "qmmove",
    id: `${vmid}-${disk}>${target}-${targetDisk}`,
    session,
    seconds: 1,
    work: (log) => {
      const { source, receiver, id: volumeId } = check();
      log(`reassign disk '${disk}' from VM '${vmid}' as '${targetDisk}' to VM '${target}'`);
      const drive = parseDrive(disk, source.config[disk] ?? "");
      const order = bootOrderOf(source.config);
      if (order.includes(disk)) {
        log(`removing disk '${disk}' from boot order config`);
        source.config["boot"] = printBootOrder(order.filter((name) => name !== disk));
      }
      Reflect.deleteProperty(source.config, disk);
      log(`removing disk '${disk}' from VM '${vmid}' config`);
      const file = renameVolume(world, node, volumeId, target);
      receiver.config[targetDisk] = /^unused\d+$/.test(targetDisk) ? file : printDrive(targetDisk, { ...drive, file });
      return undefined;
    },
  });
}

function findMachine({ state }: World, vmid: number, what: string): Guest {
  const guest = state.guests[vmid];
  if (guest?.type !== "qemu") throw new ApiError(500, `could not find ${what} ${vmid}`);
  return guest;
}

function checkDisks(source: Guest, receiver: Guest, disk: string, targetDisk: string): string {
  const text = source.config[disk];
  if (text === undefined) throw new ApiError(500, `Disk '${disk}' for VM '${source.vmid}' does not exist`);
  if (receiver.config[targetDisk] !== undefined) {
    throw new ApiError(500, `Target disk key '${targetDisk}' is already in use for VM '${receiver.vmid}'`);
  }
  const drive = parseDrive(disk, text);
  if (isCdrom(drive)) throw new ApiError(500, "CD drive contents can't be moved to another VM");
  const id = volumeOf(drive);
  if (id === undefined) throw new ApiError(500, `Volume '${drive["file"] ?? ""}' not managed by PVE`);
  if (isInSnapshot(source, id)) throw new ApiError(500, "Can't move disk used by a snapshot to another VM");
  if (source.status === "running" && !/^unused\d+$/.test(disk)) {
    throw new ApiError(500, "Cannot move disk to another VM while the source VM is running - detach first");
  }
  return id;
}

function renameVolume(world: World, node: string, volumeId: string, vmid: number): string {
  const { storage } = splitVolumeId(volumeId);
  const volume = world.volume(node, volumeId);
  const { size, format } = volume;
  const renamed = allocateVolume(world, { node, storage, vmid, type: "qemu", size, format });
  const { name } = splitVolumeId(renamed);
  world.volumesOn(node, storage)[name] = { ...volume, name, vmid };
  freeVolume(world, node, volumeId);
  return renamed;
}
