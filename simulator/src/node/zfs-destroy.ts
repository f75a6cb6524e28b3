import type { Context, Parameters } from "../handlers.ts";
import { removeStorage } from "../storage/remove.ts";
import type { ZfsPool } from "../state/node.ts";
import type { Log } from "../tasks.ts";
import type { World } from "../world.ts";
import { partitionsOf } from "./disks.ts";
import { datasetOf, poolOf } from "./zfs.ts";

/** `DELETE /nodes/{node}/disks/zfs/{name}` */
export function destroyPool(
  { node, name, ...options }: Parameters<"DELETE /nodes/{node}/disks/zfs/{name}">,
  { world, session }: Context,
): string {
  const { "cleanup-config": cleanConfig = false, "cleanup-disks": cleanDisks = false } = options;
  if (cleanConfig) world.require(session, "/storage", "Datastore.Allocate");
  return world.tasks.start({
    node,
    type: "zfsremove",
    id: name,
    session,
    seconds: cleanDisks ? 6 : 3,
    work: (log) => {
      const pool = world.node(node).zpools[name];
      if (pool === undefined) return fail(log, `cannot open '${name}': no such pool`, name);
      // The system itself, or a guest, has something on it open.
      if (isBusy(world, node, name)) return fail(log, `cannot unmount '/${name}': pool or dataset is busy`, name);
      removePool(world, node, pool);
      if (cleanConfig) forgetStorages(world, node, name);
      if (cleanDisks) wipeDisks(world, node, pool, log);
      return undefined;
    },
  });
}

function fail(log: Log, line: string, name: string): never {
  log(line);
  throw new Error(`command 'zpool destroy ${name}' failed: exit code 1`);
}

function isBusy(world: World, node: string, name: string): boolean {
  if (name === "rpool") return true;
  return volumesOnPool(world, node, name).some(({ volumes }) =>
    Object.values(volumes).some(
      ({ vmid }) => vmid !== undefined && world.state.guests[vmid]?.node === node && isRunning(world, vmid),
    ),
  );
}

function isRunning({ state }: World, vmid: number): boolean {
  return state.guests[vmid]?.status === "running";
}

function volumesOnPool(world: World, node: string, name: string) {
  return Object.values(world.state.storages)
    .filter((storage) => {
      const dataset = datasetOf(world.node(node), storage);
      return dataset !== undefined && poolOf(dataset) === name;
    })
    .map(({ storage }) => ({ storage, volumes: world.state.volumes[`${node}/${storage}`] ?? {} }));
}

function removePool(world: World, nodeName: string, pool: ZfsPool): void {
  const node = world.node(nodeName);
  for (const { storage } of volumesOnPool(world, nodeName, pool.name)) {
    Reflect.deleteProperty(world.state.volumes, `${nodeName}/${storage}`);
  }
  Reflect.deleteProperty(node.zpools, pool.name);
  for (const device of pool.disks) {
    // Its labels stay on the disk.
    if (pool.lost?.[device] === undefined) Object.assign(node.disks[device] ?? {}, { used: "ZFS", gpt: true });
  }
}

/** Takes the node off the storages that were on the pool; one that is left without any node goes. */
function forgetStorages({ state }: World, node: string, name: string): void {
  for (const { storage, type, config } of Object.values(state.storages)) {
    if (type !== "zfspool" || config["pool"] !== name) continue;
    const nodes = config["nodes"]?.split(",") ?? Object.keys(state.nodes);
    if (!nodes.includes(node)) continue;
    const others = nodes.filter((other) => other !== node).sort();
    if (others.length === 0) removeStorage(state, storage);
    else config["nodes"] = others.join(",");
  }
}

function wipeDisks(world: World, name: string, pool: ZfsPool, log: Log): void {
  const node = world.node(name);
  for (const device of pool.disks) {
    const disk = node.disks[device];
    if (disk?.used !== "ZFS") continue;
    const partitions = partitionsOf(node, device).map(({ devpath }) => devpath);
    log(`found child partitions to wipe: ${partitions.join(", ")}`);
    log(`wiping block device ${device}`);
    if (disk.dead) throw new Error(`cleanup failed - error wiping '${device}': command 'wipefs' failed: exit code 1`);
    delete disk.used;
    delete disk.gpt;
  }
}
