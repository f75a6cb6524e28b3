import { printFault, type Faults } from "../faults.ts";
import { describeGuest } from "../guest/statistics.ts";
import { poolStatus } from "../node/zfs.ts";
import type { ClusterState } from "../state/cluster.ts";
import type { NodeState } from "../state/node.ts";
import { describeStorage } from "../storage/status.ts";
import { version } from "../version.ts";
import { isOnNode, isShared, type World } from "../world.ts";
import type { BackupSummary, NodeSummary, StorageSummary, Summary } from "./summary-shape.ts";

/** How many of the last tasks the page shows. */
const tasksShown = 100;

/** Sums up a cluster for the page. */
export function summarize(world: World, faults: Faults): Summary {
  const { state } = world;
  return {
    cluster: state.name,
    version: version.version,
    nodes: Object.values(state.nodes).map((node) => summarizeNode(state, node)),
    guests: Object.values(state.guests).map((guest) => {
      const { type, vmid, node, name, status, maxcpu, mem, maxmem } = describeGuest(world, guest);
      return { type, vmid, node, name, status, cpus: maxcpu, mem, maxmem, lock: guest.config["lock"] };
    }),
    storages: Object.keys(state.nodes).flatMap((node) => summarizeStorages(world, node)),
    backups: summarizeBackups(state),
    tasks: Object.values(state.tasks)
      .slice(-tasksShown)
      .reverse()
      .map(({ upid, node, type, id, user, starttime, endtime, exitstatus, log }) => {
        return { upid, node, type, id, user, starttime, endtime, exitstatus, lines: log.length };
      }),
    faults: faults.list().map((fault) => {
      return { id: fault.id, text: printFault(fault), struck: fault.struck, times: fault.times };
    }),
  };
}

function summarizeNode(state: ClusterState, node: NodeState): NodeSummary {
  const { name, address, off = false, cpu, memory, disks, zpools } = node;
  return {
    name,
    address,
    off,
    cpu: cpu.model,
    threads: cpu.threads,
    memory,
    disks: Object.entries(disks).map(([path, { model, size, dead }]) => ({ path, model, size, dead })),
    pools: Object.values(zpools).map((pool) => {
      const { health = "UNAVAIL", size = 0, allocated = 0 } = poolStatus(state, name, pool.name) ?? {};
      return { name: pool.name, raid: pool.raid, health, size, allocated };
    }),
  };
}

function summarizeStorages(world: World, node: string): StorageSummary[] {
  return Object.values(world.state.storages)
    .filter((storage) => isOnNode(storage, node))
    .map((storage) => {
      const { type, content, active, total, used } = describeStorage(world, node, storage);
      const common = { storage: storage.storage, node, type, content };
      return { ...common, shared: isShared(storage), active: active === 1, total, used };
    });
}

function summarizeBackups({ nodes, storages, volumes }: ClusterState): BackupSummary[] {
  return Object.values(storages).flatMap((storage) => {
    const id = storage.storage;
    const homes = isShared(storage) ? [undefined] : Object.keys(nodes);
    return homes.flatMap((node) =>
      Object.values(volumes[node === undefined ? id : `${node}/${id}`] ?? {})
        .filter(({ content }) => content === "backup")
        .map(({ name, size, created, vmid, notes, protected: isProtected = false }) => {
          return { volume: `${id}:${name}`, node, vmid, size, created, notes, protected: isProtected };
        }),
    );
  });
}
