import { linkOf, usageOf } from "../node/disks.ts";
import { resilverPool } from "../node/disk-failure.ts";
import { poolStatus } from "../node/zfs.ts";
import { memberPath } from "../node/zfs-vdevs.ts";
import { PlainError } from "../shell/machine.ts";
import { readOptions } from "../shell/options.ts";
import type { NodeState, ZfsPool } from "../state/node.ts";
import type { CommandTree, Site } from "./command-tree.ts";

/**
 * What `zpool` does with the disks of a pool that is there. Data is copied at once, where a real node takes hours:
 * https://openzfs.github.io/openzfs-docs/man/v2.3/8/zpool-replace.8.html
 */
export const zpoolMemberCommands: CommandTree = {
  attach: (call, site) => {
    const { operands } = readOptions(call.args, "fsw");
    const [name = "", member = "", disk = ""] = operands;
    change(site, name, (node, pool) => {
      if (pool.raid !== "single" && pool.raid !== "mirror")
        refuse("attach", disk, member, "can only attach to mirrors");
      findMember(node, pool, member, `cannot attach ${disk} to ${member}: no such device in pool`);
      const added = findFree(node, disk);
      requireSize(node, pool, added, `cannot attach ${disk} to ${member}: device is too small`);
      node.zpools[name] = { ...pool, raid: "mirror", disks: [...pool.disks, added], scan: resilvered(site, name) };
    });
    return 0;
  },
  detach: (call, site) => {
    const [name = "", member = ""] = readOptions(call.args, "").operands;
    change(site, name, (node, pool) => {
      const device = findMember(node, pool, member, `cannot detach ${member}: no such device in pool`);
      if (pool.raid !== "mirror")
        throw new PlainError(`cannot detach ${member}: only applicable to mirror and replacing vdevs`);
      const disks = pool.disks.filter((own) => own !== device);
      const { [device]: _, ...lost } = pool.lost ?? {};
      node.zpools[name] = { ...pool, raid: disks.length === 1 ? "single" : "mirror", disks, lost };
      leaveLabels(node, device, pool);
    });
    return 0;
  },
  replace: (call, site) => {
    const [name = "", member = "", disk = member] = readOptions(call.args, "fsw").operands;
    change(site, name, (node, pool) => {
      const device = findMember(node, pool, member, `cannot replace ${member} with ${disk}: no such device in pool`);
      const added = findFree(node, disk);
      requireSize(node, pool, added, `cannot replace ${member} with ${disk}: device is too small`);
      const scan = resilvered(site, name);
      if (added !== device) leaveLabels(node, device, pool);
      resilverPool(pool, device, added, scan);
    });
    return 0;
  },
};

function change({ world, node: nodeName }: Site, name: string, work: (node: NodeState, pool: ZfsPool) => void): void {
  world.transaction(() => {
    const node = world.node(nodeName);
    const pool = Object.hasOwn(node.zpools, name) ? node.zpools[name] : undefined;
    if (pool === undefined) throw new PlainError(`cannot open '${name}': no such pool`);
    work(node, pool);
  });
}

/** A disk of a pool, by any name that ZFS takes for it: its path, its link, its partition's, or a number if it is gone. */
function findMember(node: NodeState, pool: ZfsPool, name: string, problem: string): string {
  const found = pool.disks.find((device) => {
    const lost = pool.lost?.[device];
    if (lost !== undefined) return lost.guid === name || lost.path.replace(/-part\d+$/, "") === name;
    const disk = node.disks[device];
    const link = disk === undefined ? device : linkOf(disk);
    // Of a disk that it has as a whole, ZFS hides the partition that it has made.
    return name === device || name === link || (pool.name === "rpool" && name === memberPath(pool, device, disk));
  });
  if (found === undefined) throw new PlainError(problem);
  return found;
}

function findFree(node: NodeState, path: string): string {
  const found = Object.entries(node.disks).find(([device, disk]) => device === path || linkOf(disk) === path);
  if (found === undefined) throw new PlainError(`cannot open '${path}': No such file or directory`);
  const [device] = found;
  const usage = usageOf(node, device);
  if (usage === undefined) return device;
  throw new PlainError(
    `invalid vdev specification\nuse '-f' to override the following errors:\n${path} contains a filesystem of type '${usage}'`,
  );
}

function requireSize({ disks }: NodeState, pool: ZfsPool, added: string, problem: string): void {
  const smallest = Math.min(...pool.disks.flatMap((device) => disks[device]?.size ?? []));
  if ((disks[added]?.size ?? 0) < smallest) throw new PlainError(problem);
}

/** What was a pool's keeps its labels until it is wiped. */
function leaveLabels({ disks }: NodeState, device: string, { lost }: ZfsPool): void {
  if (lost?.[device] === undefined) Object.assign(disks[device] ?? {}, { used: "ZFS", gpt: true });
}

function resilvered({ world, node }: Site, name: string): string {
  const status = poolStatus(world.state, node, name);
  const gib = ((status?.allocated ?? 0) / 2 ** 30).toFixed(2);
  const end = world.clock.now().toUTCString().replace(/ GMT$/, "");
  return `resilvered ${gib}G in 00:00:01 with 0 errors on ${end}`;
}

function refuse(verb: string, disk: string, member: string, why: string): never {
  throw new PlainError(`cannot ${verb} ${disk} to ${member}: ${why}`);
}
