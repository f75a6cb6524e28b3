import { diskLayer, nullLayer, type TextFile } from "../files/file-layer.ts";
import { FileError } from "../files/file-error.ts";
import { FileSystem, type Mount } from "../files/file-system.ts";
import { renderInterfaces } from "../node/interfaces-file.ts";
import { NoQuorum } from "../node/quorum.ts";
import { isOnNode, type World } from "../world.ts";
import { clusterFiles } from "./cluster-files.ts";
import { storageLayer, storagePath } from "./storage-layer.ts";
import { systemFolders } from "./system-folders.ts";
import { textLayer } from "./text-layer.ts";
import { zfsFiles } from "./zfs-files.ts";

/** A node's files: its disk, its storages, and the configuration that the state is shown as. */
export function nodeFileSystem(world: World, node: string, certificateAuthority: string): FileSystem {
  const disk = diskLayer(() => world.node(node).files, systemFolders);
  const cluster = textLayer(() => clusterFiles(world, node, certificateAuthority));
  const etc = world.remember(() => systemFiles(world, node));
  const texts = textLayer(etc);
  const storages = (): Mount[] =>
    Object.values(world.state.storages).flatMap((storage) => {
      const path = storagePath(storage);
      const there = isOnNode(storage, node) && storage.config["disable"] !== "1" && !storage.offline.includes(node);
      return path === undefined || !there ? [] : [{ path, layer: storageLayer(world, node, storage, disk) }];
    });
  return new FileSystem({
    mounts: world.remember(() => [
      { path: "/", layer: disk },
      { path: "/dev/null", layer: nullLayer },
      { path: "/etc/pve", layer: cluster },
      ...Object.keys(etc()).map((path) => ({ path, layer: texts })),
      ...storages(),
    ]),
    change: (work) => {
      try {
        return world.transaction(work);
      } catch (error) {
        // Without a quorum /etc/pve can only be read.
        throw error instanceof NoQuorum ? new FileError("EACCES", "/etc/pve") : error;
      }
    },
    now: () => world.seconds(),
  });
}

/** The files of /etc that the state has in another form. */
function systemFiles(world: World, name: string): Record<string, TextFile> {
  const node = world.node(name);
  const { search, servers } = node.dns;
  return {
    "/etc/hostname": { read: () => `${name}\n` },
    "/etc/hosts": {
      read: () => node.hosts,
      write: (text) => {
        world.node(name).hosts = text;
      },
    },
    "/etc/network/interfaces": { read: () => renderInterfaces(node.interfaces) },
    "/etc/resolv.conf": {
      read: () => [`search ${search}\n`, ...servers.map((server) => `nameserver ${server}\n`)].join(""),
    },
    "/etc/timezone": { read: () => `${node.timezone}\n` },
    ...zfsFiles(world, name),
  };
}
