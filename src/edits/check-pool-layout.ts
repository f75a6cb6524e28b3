import type { Inventory } from "../inventory/inventory.ts";
import type { PoolPlan } from "../plan/hosts.ts";
import type { Disk, ZfsPool } from "../proxmox/answers.ts";
import { findDisk, kindOfLevel, readPoolLayout, type PoolLayout } from "../proxmox/pool-layout.ts";
import { renderCommands, type RefusedEdit } from "./edit.ts";

/** A pool as its node has it. */
export interface PoolOnNode {
  /** Undefined if there is no pool of this name. */
  readonly pool: ZfsPool | undefined;
  readonly disks: readonly Disk[];
}

/**
 * Compares a pool whose disks or layout were edited with what its node has. Only ZFS's own commands change these: an edit that
 * follows them is right, any other is refused with the command.
 */
export function checkPoolLayout(
  plan: PoolPlan,
  found: PoolOnNode | undefined,
  { nodes }: Pick<Inventory, "nodes">,
): RefusedEdit[] {
  if (found === undefined) return [];
  const { node, pool } = plan;
  const { disks } = found;
  const path = ["nodes", node, "pools", pool];
  if (found.pool === undefined) return [absent(plan)];
  const layout = readPoolLayout(found.pool, disks);
  const wanted = plan.devices.map((id) => ({ id, device: findDisk(disks, id)?.devpath ?? id }));
  const added = wanted.filter(({ device }) => !layout.members.some((member) => member.device === device));
  const removed = layout.members.filter(({ device }) => !wanted.some((disk) => disk.device === device));
  if (layout.isReplacing) {
    const remedy = `Wait until it has ended, then run this again: zpool status ${pool}`;
    return [
      { path: [...path, "disks"], problem: `The pool ${pool} of ${node} still moves its data to a new disk.`, remedy },
    ];
  }
  if (added.length === 0 && removed.length === 0 && layout.kind === kindOfLevel(plan.raidLevel)) return [];
  const at = added.map(({ id }) => placeOf(id, node, nodes)).find((place) => place !== undefined);
  const unknown = added.find(({ id }) => findDisk(disks, id) === undefined);
  if (unknown !== undefined) {
    const problem = `There is no disk ${unknown.id} in ${node}.`;
    const remedy = `Write one that is there: ${disks.map(({ devpath, by_id_link: link }) => link ?? devpath).join(", ")}.`;
    return [{ path: at ?? [...path, "disks"], problem, remedy }];
  }
  const commands = commandsFor(
    plan,
    layout,
    added.map(({ id }) => id),
    removed.map(({ name }) => nameForZfs(name)),
  );
  const is = `The pool ${pool} of ${node} is ${layout.kind} on ${layout.members.map(({ device }) => nameOf(device, disks)).join(" and ")}.`;
  if (commands === undefined) {
    return [
      {
        path: [...path, "layout"],
        problem: `${is} Its layout was decided when it was created.`,
        remedy:
          "Write what it is. Another layout needs a new pool: add one on other disks, and move the volumes there.",
      },
    ];
  }
  return [
    {
      path: at ?? [...path, "disks"],
      problem: `${is} Only ZFS itself can give a pool other disks.`,
      remedy: `${commands}\nOr write the disks that it has.`,
    },
  ];
}

/** What brings a pool from what it is to what is wanted; undefined if nothing does. */
function commandsFor(
  { node, pool, raidLevel }: PoolPlan,
  { kind, members }: PoolLayout,
  added: readonly string[],
  removed: readonly string[],
): string | undefined {
  const on = (commands: readonly string[]) =>
    `Let ZFS do it, then run this again:\n  ${renderCommands(commands.map((command) => ({ node, command })))}`;
  const isMirror = kind === "a mirror";
  if (kind === kindOfLevel(raidLevel) && added.length === removed.length) {
    if (members.some(({ name }) => /-part[2-9]$/.test(name)))
      return `${node} starts from this pool, so that a new disk needs partitions and a boot loader, too. Do it as in\n  https://pve.proxmox.com/pve-docs/chapter-sysadmin.html#sysadmin_zfs_change_failed_dev\nthen run this again.`;
    return on(added.map((id, index) => `zpool replace ${pool} ${removed[index] ?? ""} ${id}`));
  }
  if (raidLevel === "mirror" && removed.length === 0 && (isMirror || members.length === 1)) {
    const [first] = members;
    return on(added.map((id) => `zpool attach ${pool} ${nameForZfs(first?.name ?? "")} ${id}`));
  }
  if (isMirror && added.length === 0 && (raidLevel === "mirror" || members.length - removed.length === 1))
    return on(removed.map((name) => `zpool detach ${pool} ${name}`));
  return undefined;
}

/** As a pool's commands take a disk that the pool has as a whole: without the partition that ZFS has made on it. */
function nameForZfs(name: string): string {
  return name.replace(/^(\/dev\/disk\/.+)-part1$|^(\/dev\/nvme\d+n\d+)p1$|^(\/dev\/[sv]d[a-z]+)1$/, "$1$2$3");
}

function absent({ node, pool, name, origin }: PoolPlan): RefusedEdit {
  const look = `If its disks are there, zpool import on ${node} lists it.`;
  return {
    path: ["nodes", node, "pools", pool, "disks"],
    problem: `There is no pool ${pool} on ${node} any more.`,
    remedy:
      origin === "create"
        ? `${look} To have an empty pool created on these disks:\n  npm run up -- --forget ${name}`
        : `${look} Correct what the inventory says, or bring the pool back.`,
  };
}

/** Where the inventory names a disk. */
function placeOf(id: string, node: string, nodes: Inventory["nodes"]): readonly string[] | undefined {
  const disks = Object.entries(nodes[node]?.disks ?? {});
  const key = disks.find(([, disk]) => disk.id === id)?.[0];
  return key === undefined ? undefined : ["nodes", node, "disks", key, "id"];
}

function nameOf(device: string, disks: readonly Disk[]): string {
  return disks.find(({ devpath }) => devpath === device)?.by_id_link ?? device;
}
