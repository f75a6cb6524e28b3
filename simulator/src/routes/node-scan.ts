import { ApiError } from "../api-error.ts";
import type { Handlers } from "../handlers.ts";
import { listDatasets } from "../node/zfs.ts";
import type { StorageState, StorageType } from "../state/storage.ts";
import type { World } from "../world.ts";

/** What could become a storage: servers are known by the storages that already use them. */
export const nodeScanHandlers: Handlers = {
  "GET /nodes/{node}/scan/nfs": ({ node, server }, { world }) => {
    const paths = storagesOn(world, "nfs", server, node).map(({ config }) => config["export"] ?? "");
    if (paths.length === 0) {
      throw new ApiError(500, `command '/sbin/showmount --no-headers --exports ${server}' failed: exit code 1`);
    }
    return [...new Set(paths)].sort().map((path) => ({ path, options: "*" }));
  },
  "GET /nodes/{node}/scan/cifs": ({ node, server }, { world }) => {
    const shares = storagesOn(world, "cifs", server, node).map(({ config }) => config["share"] ?? "");
    if (shares.length === 0) throw new ApiError(500, "error: do_connect: Connection to host failed");
    return [...new Set(shares)].sort().map((share) => ({ share, description: "" }));
  },
  "GET /nodes/{node}/scan/zfs": ({ node }, { world }) =>
    Object.keys(world.node(node).zpools)
      .flatMap((pool) => listDatasets(world.state, node, pool))
      // What a storage keeps on a pool is no place for another storage.
      .filter(({ type, volume }) => type === "filesystem" && volume === undefined)
      .map(({ name, available, used }) => ({ pool: name, size: available, free: available - used })),
  // The installer has used ZFS for everything.
  "GET /nodes/{node}/scan/lvm": () => [],
};

function storagesOn({ state }: World, type: StorageType, server: string, node: string): StorageState[] {
  return Object.values(state.storages).filter(
    (storage) => storage.type === type && storage.config["server"] === server && !storage.offline.includes(node),
  );
}
