import { isRoot } from "../guest/permissions.ts";
import { ApiError } from "../api-error.ts";
import { checkConfigDigest } from "../guest/config.ts";
import { volumeOf } from "../guest/features.ts";
import { unlockedGuest } from "../guest/lock.ts";
import type { Context } from "../handlers.ts";
import type { Guest } from "../state/guest.ts";
import type { Log } from "../tasks.ts";
import { splitVolumeId, type World } from "../world.ts";
import { explaining } from "./explaining.ts";
import { isMountPoint, parseMountPoint, printMountPoint } from "./mount-points.ts";
import { isUsedBySnapshots, type MoveParameters } from "./move-volume.ts";
import { changeConfig } from "./update.ts";

type Reassignment = MoveParameters & { readonly "target-vmid": number };

/** Gives a volume to another container on the same node. */
export function reassignVolume(parameters: Reassignment, context: Context): string {
  const { node, vmid, volume: key, "target-vmid": target, "target-volume": targetKey = key } = parameters;
  const { world, session } = context;
  if (!isRoot(context)) world.require(session, `/vms/${target}`, "VM.Config.Disk");
  const { volume } = checkReassignment(world, parameters, targetKey);
  world.require(session, `/storage/${splitVolumeId(volume).storage}`, "Datastore.AllocateSpace");
  return world.tasks.start({
    node,
    type: "move_volume",
    id: `${vmid}-${key}>${target}-${targetKey}`,
    session,
    seconds: 1,
    work: (log) => {
      const checked = checkReassignment(world, parameters, targetKey);
      log(`moving volume '${key}' from container '${vmid}' to '${target}'`);
      const renamed = renameVolume(world, node, checked.volume, target);
      const text = checked.source.config[key] ?? "";
      Reflect.deleteProperty(checked.source.config, key);
      log(`removing volume '${key}' from container '${vmid}' config`);
      attach(world, checked.target, targetKey, isMountPoint(key) ? text : "", renamed, log);
      log(`target container '${target}' updated with '${targetKey}'`);
      return undefined;
    },
  });
}

interface Checked {
  readonly source: Guest;
  readonly target: Guest;
  readonly volume: string;
}

function checkReassignment(
  world: World,
  { node, vmid, volume: key, digest, "target-vmid": targetId, "target-digest": targetDigest }: Reassignment,
  targetKey: string,
): Checked {
  if (key === "rootfs" || targetKey === "rootfs") throw new ApiError(500, "Cannot move to/from 'rootfs'");
  if (key.startsWith("unused") && !targetKey.startsWith("unused")) {
    throw new ApiError(500, "Moving an unused volume to a used one is not possible");
  }
  const there = world.state.guests[targetId];
  if (there === undefined) throw new ApiError(500, `could not find CT ${targetId}`);
  if (there.node !== node) {
    throw new ApiError(500, `Both containers need to be on the same node (${node} != ${there.node})`);
  }
  const source = lockedOut(world, node, vmid);
  const target = lockedOut(world, node, targetId);
  if (source.config["template"] === "1" || target.config["template"] === "1") {
    throw new ApiError(500, "Can't move volumes from or to template CT");
  }
  explaining(`Container ${vmid}:`, () => {
    checkConfigDigest(source, digest);
  });
  explaining(`Container ${targetId}:`, () => {
    checkConfigDigest(target, targetDigest);
  });
  const text = source.config[key];
  if (text === undefined) throw new ApiError(500, `volume '${key}' for container '${vmid}' does not exist`);
  if (target.config[targetKey] !== undefined) {
    throw new ApiError(500, `Target volume key '${targetKey}' is already in use for container '${targetId}'`);
  }
  const volume = volumeOf(text);
  if (isUsedBySnapshots(source, volume)) {
    throw new ApiError(500, "Cannot move volume used by a snapshot to another container");
  }
  if (volume.startsWith("/")) {
    throw new ApiError(500, "Cannot move a bindmount or device mount to another container");
  }
  if (source.status === "running" && !key.startsWith("unused")) {
    throw new ApiError(500, "Cannot move in-use volume while the source CT is running - detach or shutdown first");
  }
  if (target.config["protection"] === "1") {
    throw new ApiError(500, `cannot assign a volume to target CT ${targetId} - protection mode enabled`);
  }
  return { source, target, volume };
}

/** Other tasks hold the lock file while a request comes, but not while the task itself runs. */
function lockedOut(world: World, node: string, vmid: number): Guest {
  const { lock } = world.guest("lxc", node, vmid).config;
  if (lock !== undefined) throw new ApiError(500, `CT is locked (${lock})`);
  return world.tasks.holdsLock(vmid) ? unlockedGuest(world, "lxc", node, vmid) : world.guest("lxc", node, vmid);
}

function attach(world: World, target: Guest, key: string, text: string, volume: string, log: Log): void {
  if (!isMountPoint(key)) {
    target.config[key] = volume;
    return;
  }
  const mountPoint = { ...parseMountPoint(key, text), volume };
  const errors = changeConfig(world, target, {
    set: { [key]: printMountPoint(mountPoint) },
    deleted: [],
    reverted: [],
  });
  for (const error of Object.values(errors)) log(`WARN: ${error}`);
}

function renameVolume(world: World, node: string, volumeId: string, vmid: number): string {
  const { storage, name } = splitVolumeId(volumeId);
  const volumes = world.volumesOn(node, storage);
  const { vmid: _, ...volume } = world.volume(node, volumeId);
  const nameOf = (index: number) =>
    name.replace(/^\d+\//, `${vmid}/`).replace(/-\d+-disk-\d+/, `-${vmid}-disk-${index}`);
  let index = 0;
  while (volumes[nameOf(index)] !== undefined) index++;
  const renamed = nameOf(index);
  volumes[renamed] = { ...volume, name: renamed, vmid };
  Reflect.deleteProperty(volumes, name);
  return `${storage}:${renamed}`;
}
