import { ApiError } from "../api-error.ts";
import type { Handlers, Returns } from "../handlers.ts";
import { createPool } from "../node/zfs-create.ts";
import { destroyPool } from "../node/zfs-destroy.ts";
import { poolStatus } from "../node/zfs.ts";
import type { Vdev } from "../node/zfs-vdevs.ts";
import { reportOn } from "../node/zpool-report.ts";

/** ZFS pools. */
export const nodeZfsHandlers: Handlers = {
  "GET /nodes/{node}/disks/zfs": ({ node }, { world }) =>
    Object.keys(world.node(node).zpools)
      .sort()
      .flatMap((pool) => {
        const status = poolStatus(world.state, node, pool);
        if (status === undefined) return [];
        const { name, size, allocated: alloc, free, fragmentation: frag, health } = status;
        return [{ name, size, alloc, free, frag, dedup: 1, health }];
      }),
  "POST /nodes/{node}/disks/zfs": createPool,
  "GET /nodes/{node}/disks/zfs/{name}": ({ node: nodeName, name }, { world }) => {
    const node = world.node(nodeName);
    const pool = node.zpools[name];
    if (pool === undefined) throw new ApiError(500, `command '/sbin/zpool status -P ${name}' failed: exit code 1`);
    const { config, ...report } = reportOn(node, pool);
    return { name, ...report, leaf: 0, children: config.map(describeVdev) };
  },
  "DELETE /nodes/{node}/disks/zfs/{name}": destroyPool,
};

function describeVdev(vdev: Vdev): Returns<"GET /nodes/{node}/disks/zfs/{name}">["children"][number] {
  const { name, state, read, write, message, children } = vdev;
  const leaf = children.length === 0;
  const below = leaf ? { leaf: 1 } : { leaf: 0, children: children.map(describeVdev) };
  // `spares` is a heading, and a spare that nothing needs has no errors to count.
  if (name === "spares") return { name, msg: message, ...below };
  if (state === "AVAIL") return { name, state, msg: message, ...below };
  return { name, state, read, write, cksum: 0, msg: message, ...below };
}
