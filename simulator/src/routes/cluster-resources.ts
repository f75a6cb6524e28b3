import type { Handlers, Returns } from "../handlers.ts";
import { haStateOf } from "../ha/state.ts";
import { describeGuest, measureGuest } from "../guest/statistics.ts";
import type { Session } from "../state/access.ts";
import type { Guest } from "../state/guest.ts";
import type { NodeState } from "../state/node.ts";
import type { StorageState } from "../state/storage.ts";
import { describeStorage } from "../storage/status.ts";
import { isOnNode, type World } from "../world.ts";
import { describeNode } from "./nodes.ts";

type Resource = Returns<"GET /cluster/resources">[number];

/** Everything there is in the cluster, as far as one may see it. */
export const clusterResourceHandlers: Handlers = {
  "GET /cluster/resources": ({ type }, { world, session }) => [
    ...(type === undefined ? listPools(world, session) : []),
    ...(type === undefined || type === "vm" ? listGuests(world, session) : []),
    ...(type === undefined || type === "node" ? listNodes(world, session) : []),
    ...(type === undefined || type === "storage" ? listStorages(world, session) : []),
    ...(type === undefined || type === "sdn" ? listZones(world, session) : []),
  ],
};

function listPools(world: World, session: Session): Resource[] {
  return Object.keys(world.state.pools)
    .filter((pool) => world.may(session, `/pool/${pool}`, "Pool.Audit"))
    .map((pool) => ({ id: `/pool/${pool}`, type: "pool" as const, pool, ...sumOfGuests(world, pool) }));
}

/** What the running members of a pool use together; its uptime is that of the oldest. */
function sumOfGuests(world: World, pool: string) {
  const running = Object.values(world.state.guests)
    .filter((guest) => guest.pool === pool && guest.status === "running")
    .map((guest) => measureGuest(world, guest));
  if (running.length === 0) return {};
  const sum = (key: "maxcpu" | "maxmem" | "mem") => running.reduce((total, guest) => total + guest[key], 0);
  return {
    uptime: Math.max(...running.map(({ uptime }) => uptime)),
    cpu: running.reduce((total, { cpu, maxcpu }) => total + cpu * maxcpu, 0) / sum("maxcpu"),
    maxcpu: sum("maxcpu"),
    mem: sum("mem"),
    maxmem: sum("maxmem"),
  };
}

function listGuests(world: World, session: Session): Resource[] {
  return Object.values(world.state.guests)
    .filter(({ vmid }) => world.may(session, `/vms/${vmid}`, "VM.Audit"))
    .map((guest) => describeResource(world, guest));
}

/** What is undefined does not come through. */
function describeResource(world: World, guest: Guest): Resource {
  const { config, pool } = guest;
  const { lock, tags } = config;
  return Object.assign(describeGuest(world, guest), { lock, tags, pool, hastate: haStateOf(world, guest) });
}

function listNodes(world: World, session: Session): Resource[] {
  return Object.values(world.state.nodes).map((node) => ({
    id: `node/${node.name}`,
    type: "node" as const,
    node: node.name,
    status: node.off === true ? "offline" : "online",
    ...(node.off !== true && world.may(session, `/nodes/${node.name}`, "Sys.Audit") ? nodeStatistics(world, node) : {}),
  }));
}

function nodeStatistics(world: World, node: NodeState) {
  const { cpu, maxcpu, mem, maxmem, disk, maxdisk, uptime, level } = describeNode(world, node);
  return { cpu, maxcpu, mem, maxmem, disk, maxdisk, uptime, level, "cgroup-mode": 2, "host-arch": "x86_64" as const };
}

function listStorages(world: World, session: Session): Resource[] {
  const { nodes, storages } = world.state;
  return Object.values(storages)
    .filter(({ storage }) => world.may(session, `/storage/${storage}`, "Datastore.Audit"))
    .flatMap((storage) =>
      Object.keys(nodes)
        .filter((node) => isOnNode(storage, node) && storage.config["disable"] !== "1")
        .map((node) => describeStorageOn(world, node, storage)),
    );
}

/** A storage on a node, as lists of resources and of a pool's members have it. */
export function describeStorageOn(world: World, node: string, storage: StorageState) {
  const { storage: id, type: plugintype } = storage;
  const { active, used, total, content, shared } = describeStorage(world, node, storage);
  return {
    id: `storage/${node}/${id}`,
    type: "storage" as const,
    node,
    storage: id,
    plugintype,
    content,
    shared,
    status: active === 1 ? "available" : "unknown",
    ...(active === 1 ? { disk: used, maxdisk: total } : {}),
  };
}

/** The zones that run; every node has one for the networks that it configures itself. */
function listZones(world: World, session: Session): Resource[] {
  const zones = [["localnetwork", undefined] as const, ...Object.entries(world.state.sdn.running.zones)];
  return Object.keys(world.state.nodes).flatMap((node) =>
    zones
      .filter(([, zone]) => zone?.["nodes"]?.split(",").includes(node) ?? true)
      .filter(([sdn]) => world.may(session, `/sdn/zones/${sdn}`, "SDN.Audit", "SDN.Use", "SDN.Allocate"))
      .map(([sdn]) => ({ id: `sdn/${node}/${sdn}`, type: "sdn" as const, sdn, node, status: "ok" })),
  );
}
