import { ApiError, invalidParameters } from "../api-error.ts";
import { checkConfigDigest } from "../guest/config.ts";
import { freeUnlessUsed, makeBase } from "../guest/linked-clones.ts";
import { unlockedGuest } from "../guest/lock.ts";
import { addUnused } from "../guest/unused.ts";
import { copyFileSystem } from "../guest/volumes.ts";
import type { Context, Parameters } from "../handlers.ts";
import type { Guest } from "../state/guest.ts";
import { allocateDisk } from "./disks.ts";
import { parseMountPoint, printMountPoint, type MountPoint } from "./mount-points.ts";
import { isVolumeInUse } from "./pending.ts";
import { reassignVolume } from "./reassign-volume.ts";

/** What `POST …/move_volume` takes. */
export type MoveParameters = Parameters<"POST /nodes/{node}/lxc/{vmid}/move_volume">;

/** `POST …/move_volume`: to another storage, or to another container. */
export function moveVolume(parameters: MoveParameters, context: Context): string {
  const { storage, "target-vmid": target } = parameters;
  if (storage !== undefined && target !== undefined) {
    throw new ApiError(500, "either set storage or target-vmid, but not both");
  }
  if (target !== undefined) return reassignVolume({ ...parameters, "target-vmid": target }, context);
  if (storage !== undefined) return moveToStorage({ ...parameters, storage }, context);
  const problem = "both 'storage' and 'target-vmid' missing, either needs to be set";
  throw invalidParameters({ "target-vmid": problem, storage: problem });
}

function moveToStorage(
  { node, vmid, volume: key, storage, digest, delete: remove = false }: MoveParameters & { readonly storage: string },
  { world, session }: Context,
): string {
  world.require(session, `/storage/${storage}`, "Datastore.AllocateSpace");
  const guest = unlockedGuest(world, "lxc", node, vmid);
  const mountPoint = findMovable(guest, key);
  if (remove && isUsedBySnapshots(guest, mountPoint.volume)) {
    throw new ApiError(500, "you can't move a volume with snapshots and delete the source");
  }
  checkConfigDigest(guest, digest);
  guest.config["lock"] = "disk";
  const unlock = () => {
    const moved = world.state.guests[vmid];
    if (moved !== undefined) delete moved.config["lock"];
  };
  return world.tasks.start({
    node,
    type: "move_volume",
    id: vmid,
    session,
    seconds: 10,
    work: (log) => {
      const moving = world.guest("lxc", node, vmid);
      const { size, fileSystem } = world.volume(node, mountPoint.volume);
      let copy = allocateDisk(world, moving, storage, size, log);
      if (fileSystem !== undefined) world.volume(node, copy).fileSystem = copyFileSystem(fileSystem);
      describeCopy(log, size);
      if (moving.config["template"] === "1") copy = makeBase(world, node, copy);
      moving.config[key] = printMountPoint({ ...mountPoint, volume: copy }, size);
      if (remove) freeUnlessUsed(world, node, mountPoint.volume);
      else addUnused(moving, mountPoint.volume);
      unlock();
      return undefined;
    },
    undo: unlock,
  });
}

/** What rsync says at the end of a copy, in short. */
export function describeCopy(log: (line: string) => void, bytes: number): void {
  const written = Math.round(bytes / 10);
  log("Number of files: 18,724 (reg: 14,033, dir: 1,873, link: 2,813, special: 5)");
  log(`Total file size: ${written.toLocaleString("en-US")} bytes`);
  log("total size is equal to what was sent  speedup is 1.00");
}

/** Whether a snapshot of a container needs a volume. */
export function isUsedBySnapshots({ snapshots, ...guest }: Guest, volume: string): boolean {
  return isVolumeInUse({ ...guest, config: {}, pending: {}, snapshots }, volume);
}

function findMovable({ status, config, vmid }: Guest, key: string): MountPoint {
  if (status === "running") throw new ApiError(500, "cannot move volumes of a running container");
  if (/^unused\d+$/.test(key)) {
    throw new ApiError(500, `cannot move volume '${key}', only configured volumes can be moved to another storage`);
  }
  const text = config[key];
  if (text === undefined) throw new ApiError(500, `volume '${key}' for container '${vmid}' does not exist`);
  const mountPoint = parseMountPoint(key, text);
  if (mountPoint.kind !== "volume") throw new ApiError(500, `cannot copy volumes of type ${mountPoint.kind}`);
  return mountPoint;
}
