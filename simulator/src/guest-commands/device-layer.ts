import { posix } from "node:path";
import { FileError } from "../files/file-error.ts";
import { childrenOf, folderEntry, linkEntry, type FileLayer } from "../files/file-layer.ts";
import { blockDevices } from "../qemu/block-devices.ts";
import type { Guest } from "../state/guest.ts";
import type { World } from "../world.ts";

const byId = "/dev/disk/by-id";
const folders = ["/dev/disk", byId];

/** The disks of a virtual machine below /dev, and the names by which udev finds them again. */
export function deviceLayer(world: World, find: () => Guest, disk: FileLayer): FileLayer {
  const isDevice = (path: string) => /^\/dev\/(?:sd[a-z]+|vd[a-z]+|disk(?:\/.*)?)$/.test(path);
  const devices = () => blockDevices(world, find());
  const keep = (path: string) => {
    throw new FileError("EPERM", path, "the simulator keeps file systems of disks, and none of their bytes");
  };
  return {
    find: (path) => {
      if (!isDevice(path)) return disk.find(path);
      if (folders.includes(path)) return folderEntry();
      const found = devices().find((device) => device.path === path || `${byId}/${device.id}` === path);
      if (found === undefined) return undefined;
      if (found.path !== path) return linkEntry(posix.join("../..", posix.basename(found.path)));
      const { size } = found.volume;
      return { kind: "block", mode: 0o660, uid: 0, gid: 0, content: "", mtime: 0, hollow: size };
    },
    names: (folder) => {
      const paths = devices().flatMap(({ path, id }) => [path, ...(id === undefined ? [] : [`${byId}/${id}`])]);
      return [...new Set([...childrenOf([...folders, ...paths], folder), ...disk.names(folder)])];
    },
    put: (path, entry) => {
      if (isDevice(path)) keep(path);
      else disk.put(path, entry);
    },
    remove: (path) => {
      if (isDevice(path)) keep(path);
      else disk.remove(path);
    },
  };
}
