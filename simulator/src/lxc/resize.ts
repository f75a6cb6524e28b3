import { ApiError } from "../api-error.ts";
import { checkConfigDigest } from "../guest/config.ts";
import { unlockedGuest } from "../guest/lock.ts";
import { parseSize } from "../guest/sizes.ts";
import type { Context, Parameters } from "../handlers.ts";
import type { Guest } from "../state/guest.ts";
import type { Volume } from "../state/storage.ts";
import { splitVolumeId, type World } from "../world.ts";
import { parseMountPoint, printMountPoint, type MountPoint } from "./mount-points.ts";
import { checkConfigPermissions } from "./permissions.ts";

/** `PUT …/resize` */
export function resizeDisk(
  { node, vmid, disk, size, digest }: Parameters<"PUT /nodes/{node}/lxc/{vmid}/resize">,
  context: Context,
): string {
  const { world, session } = context;
  const guest = unlockedGuest(world, "lxc", node, vmid);
  const target = { vmid, unprivileged: guest.config["unprivileged"] === "1" };
  checkConfigPermissions(context, target, { before: guest.config, set: { disk }, deleted: [] });
  checkConfigDigest(guest, digest);
  const { mountPoint } = findResize(world, guest, disk, size);
  world.require(session, `/storage/${splitVolumeId(mountPoint.volume).storage}`, "Datastore.AllocateSpace");
  return world.tasks.start({
    node,
    type: "resize",
    id: vmid,
    session,
    seconds: 1,
    work: (log) => {
      const resizing = world.guest("lxc", node, vmid);
      const { mountPoint: found, volume, bytes } = findResize(world, resizing, disk, size);
      volume.size = bytes;
      if (volume.format === "raw") log("Image resized.");
      resizing.config[disk] = printMountPoint(found, bytes);
      return undefined;
    },
  });
}

interface Resize {
  readonly mountPoint: MountPoint;
  readonly volume: Volume;
  readonly bytes: number;
}

function findResize(world: World, { node, vmid, config }: Guest, disk: string, size: string): Resize {
  const text = config[disk];
  if (text === undefined) {
    const missing = "property is missing and it is not optional";
    throw new ApiError(500, "format error", { volume: missing, ...(disk === "rootfs" ? {} : { mp: missing }) });
  }
  const mountPoint = parseMountPoint(disk, text);
  if (mountPoint.kind !== "volume") throw new ApiError(500, `unable to parse volume ID '${mountPoint.volume}'`);
  const volume = world.volume(node, mountPoint.volume);
  if (volume.vmid !== vmid) {
    throw new ApiError(500, `can't resize mount point owned by another container (${volume.vmid ?? ""})`);
  }
  const bytes = size.startsWith("+") ? volume.size + parseSize(size.slice(1)) : parseSize(size);
  if (bytes < volume.size) throw new ApiError(500, "unable to shrink disk size");
  if (bytes === volume.size) throw new ApiError(500, "disk is already at specified size");
  return { mountPoint, volume, bytes };
}
