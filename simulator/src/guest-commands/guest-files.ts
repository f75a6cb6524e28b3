import { ApiError } from "../api-error.ts";
import { diskLayer, nullLayer, rootedLayer } from "../files/file-layer.ts";
import { FileSystem, type Mount } from "../files/file-system.ts";
import { systemFolders } from "../node-files/system-folders.ts";
import { blockDevices } from "../qemu/block-devices.ts";
import type { FileEntry } from "../state/files.ts";
import type { Guest, MountState } from "../state/guest.ts";
import type { World } from "../world.ts";
import { deviceLayer } from "./device-layer.ts";

/** The files inside a guest. */
export function guestFileSystem(world: World, vmid: number): FileSystem {
  const disk = diskLayer(() => findGuest(world, vmid).inside.files, systemFolders);
  const devices = deviceLayer(world, () => findGuest(world, vmid), disk);
  return new FileSystem({
    mounts: world.remember(() => [
      { path: "/", layer: disk },
      { path: "/dev", layer: devices },
      { path: "/dev/null", layer: nullLayer },
      ...Object.entries(findGuest(world, vmid).inside.mounts ?? {}).flatMap(([path, mount]) =>
        shownMount(world, vmid, path, mount),
      ),
    ]),
    change: (work) => world.transaction(work),
    now: () => world.seconds(),
  });
}

/** A guest by its VMID. */
export function findGuest(world: World, vmid: number): Guest {
  const guest = world.state.guests[vmid];
  if (guest === undefined) throw new ApiError(500, `CT ${vmid} does not exist`);
  return guest;
}

/** Nothing where the disk was taken away. */
function shownMount(world: World, vmid: number, path: string, mount: MountState): Mount[] {
  const files = world.remember(() => mountedFiles(world, findGuest(world, vmid), mount));
  return files() === undefined ? [] : [{ path, layer: rootedLayer(path, () => files() ?? {}) }];
}

function mountedFiles(
  world: World,
  guest: Guest,
  { source, drive }: MountState,
): Record<string, FileEntry> | undefined {
  if (drive === undefined) return world.state.exports?.[source];
  return blockDevices(world, guest).find((device) => device.drive === drive)?.volume.fileSystem?.files;
}
