import { posix } from "node:path";
import { PlainError } from "../shell/machine.ts";
import { makeFolders } from "../shell/programs/make-folders.ts";
import { blockDevices, type BlockDevice } from "../qemu/block-devices.ts";
import type { MountState } from "../state/guest.ts";
import type { DiskFileSystem } from "../state/storage.ts";
import type { World } from "../world.ts";
import { findGuest, guestFileSystem } from "./guest-files.ts";

/** What is to be mounted where. */
export interface MountRequest {
  readonly source: string;
  readonly where: string;
  /** What is found on a disk where it is left out. */
  readonly type?: string | undefined;
  readonly options?: string | undefined;
  /** As units of systemd do; the command mount does not. */
  readonly makesFolder?: boolean;
}

/** The disks of a system, and what it has mounted. */
export interface Mounts {
  /** The disk at a path, by whichever of its names. */
  readonly findDevice: (path: string) => BlockDevice | undefined;
  readonly format: (device: BlockDevice, fileSystem: DiskFileSystem | undefined) => void;
  readonly mounted: () => readonly (MountState & { readonly where: string })[];
  /** @throws {PlainError} in the words of mount */
  readonly mount: (request: MountRequest) => void;
  /** Whether there was anything to unmount. */
  readonly unmount: (where: string) => boolean;
}

/** The disks and mounts of a guest. */
export function guestMounts(world: World, vmid: number): Mounts {
  const find = () => findGuest(world, vmid);
  const files = guestFileSystem(world, vmid);
  const findDevice = (path: string) => {
    const real = path.startsWith("/") && files.exists(path) ? files.resolve(path) : path;
    return blockDevices(world, find()).find((device) => device.path === real);
  };
  const put = (where: string, mount: MountState) => {
    world.transaction(() => {
      (find().inside.mounts ??= {})[where] = mount;
    });
  };
  return {
    findDevice,
    format: ({ path }, fileSystem) => {
      world.transaction(() => {
        const volume = findDevice(path)?.volume;
        if (volume === undefined) return;
        if (fileSystem === undefined) delete volume.fileSystem;
        else volume.fileSystem = fileSystem;
      });
    },
    mounted: () => Object.entries(find().inside.mounts ?? {}).map(([where, mount]) => ({ ...mount, where })),
    mount: (request) => {
      const where = posix.normalize(request.where);
      const fail = (message: string) => new PlainError(`mount: ${where}: ${message}`, 32);
      if (find().type === "lxc") throw fail("permission denied.");
      if (request.makesFolder === true) makeFolders(files, where);
      if (!files.exists(where)) throw fail("mount point does not exist.");
      const options = request.options ?? "defaults";
      if (/^[^/]+:\//.test(request.source)) {
        const refusal = refuseShare(world, vmid, request);
        if (refusal !== undefined) throw refusal.startsWith("mount") ? new PlainError(refusal, 32) : fail(refusal);
        world.transaction(() => {
          (world.state.exports ??= {})[request.source] ??= {};
        });
        put(where, { source: request.source, type: "nfs4", options });
        return;
      }
      const device = findDevice(request.source);
      if (device === undefined) throw fail(`special device ${request.source} does not exist.`);
      const found = device.volume.fileSystem;
      if (found === undefined || (request.type !== undefined && request.type !== "auto" && request.type !== found.type))
        throw fail(
          `wrong fs type, bad option, bad superblock on ${device.path}, missing codepage or helper program, or other error.`,
        );
      if (find().inside.mounts?.[where]?.drive === device.drive)
        throw fail(`${device.path} already mounted on ${where}.`);
      put(where, { source: device.path, type: found.type, options, drive: device.drive });
    },
    unmount: (where) => {
      if (find().inside.mounts?.[where] === undefined) return false;
      world.transaction(() => {
        const { mounts } = find().inside;
        if (mounts !== undefined) Reflect.deleteProperty(mounts, where);
      });
      return true;
    },
  };
}

/** A server answers unless it is that of a storage which the guest's node can't reach either. */
function refuseShare(world: World, vmid: number, { source, where, type }: MountRequest): string | undefined {
  const { node, inside } = findGuest(world, vmid);
  if (type !== undefined && !/^nfs4?$/.test(type)) return `unknown filesystem type '${type}'.`;
  if (inside.packages["nfs-common"] === undefined)
    return "bad option; for several filesystems (e.g. nfs, cifs) you might need a /sbin/mount.<type> helper program.";
  const [server] = source.split(":");
  const away = Object.values(world.state.storages).some(
    ({ config, offline }) => config["server"] === server && offline.includes(node),
  );
  return away ? `mount.nfs: Connection timed out for ${source} on ${where}` : undefined;
}
