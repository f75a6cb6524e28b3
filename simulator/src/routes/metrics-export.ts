import { measureGuest as statisticsOf } from "../guest/statistics.ts";
import type { Context, Parameters, Returns } from "../handlers.ts";
import { splitList } from "../lists.ts";
import type { Guest } from "../state/guest.ts";
import type { NodeState } from "../state/node.ts";
import { describeStorage } from "../storage/status.ts";
import { isOnNode, type World } from "../world.ts";
import { describeNode } from "./nodes.ts";

interface Measurement {
  readonly id: string;
  readonly metric: string;
  readonly value: number;
  readonly type: "gauge" | "derive";
}

/** Seconds between two measurements. */
const interval = 10;

/** `GET /cluster/metrics/export`: the last measurement; the simulator keeps no history. */
export function exportMetrics(
  {
    "local-only": localOnly = false,
    "node-list": list,
    "start-time": start = 0,
  }: Parameters<"GET /cluster/metrics/export">,
  { world }: Context,
): Returns<"GET /cluster/metrics/export"> {
  const timestamp = Math.floor(world.seconds() / interval) * interval;
  const all = Object.values(world.state.nodes);
  const listed = all.filter(({ name }) => list === undefined || splitList(list).includes(name));
  const nodes = localOnly ? all.slice(0, 1) : listed;
  if (timestamp < start) return { data: [] };
  return { data: nodes.flatMap((node) => measure(world, node).map((metric) => ({ ...metric, timestamp }))) };
}

function measure(world: World, node: NodeState): Measurement[] {
  const guests = Object.values(world.state.guests).filter((guest) => guest.node === node.name);
  return [
    ...measureNode(world, node),
    ...guests.flatMap((guest) => measureGuest(world, guest)),
    ...measureStorages(world, node.name),
  ];
}

function measureNode(world: World, node: NodeState) {
  const { uptime, cpu, maxcpu, mem, maxmem, disk, maxdisk } = describeNode(world, node);
  const id = `node/${node.name}`;
  return [
    ...gauges(id, { uptime }),
    ...derived(id, { net_in: 0, net_out: 0 }),
    ...gauges(id, { cpu_avg1: cpu, cpu_avg5: cpu, cpu_avg15: cpu, cpu_max: maxcpu, cpu_current: cpu, cpu_iowait: 0 }),
    ...gauges(id, { mem_total: maxmem, mem_used: mem, swap_total: 0, swap_used: 0 }),
    ...gauges(id, { disk_total: maxdisk, disk_used: disk }),
  ];
}

function measureGuest(world: World, guest: Guest) {
  const statistics = statisticsOf(world, guest);
  const { id, cpu, mem, disk, diskread, diskwrite, netin, netout, uptime, maxcpu, maxmem, maxdisk } = statistics;
  const running = [
    ...gauges(id, { cpu_current: cpu, mem_used: mem }),
    ...derived(id, { disk_read: diskread, disk_write: diskwrite, net_in: netin, net_out: netout }),
    ...(guest.type === "lxc" ? gauges(id, { disk_used: disk }) : []),
  ];
  return [
    ...(guest.status === "running" ? running : []),
    ...gauges(id, { uptime, cpu_max: maxcpu, mem_total: maxmem, disk_total: maxdisk }),
  ];
}

function measureStorages(world: World, node: string) {
  return Object.values(world.state.storages)
    .filter((storage) => isOnNode(storage, node))
    .map((storage) => ({ id: storage.storage, ...describeStorage(world, node, storage) }))
    .filter(({ active }) => active === 1)
    .flatMap(({ id, total, used }) => gauges(`storage/${node}/${id}`, { disk_total: total, disk_used: used }));
}

function gauges(id: string, values: Readonly<Record<string, number>>): Measurement[] {
  return Object.entries(values).map(([metric, value]) => ({ id, metric, value, type: "gauge" }));
}

function derived(id: string, values: Readonly<Record<string, number>>): Measurement[] {
  return Object.entries(values).map(([metric, value]) => ({ id, metric, value, type: "derive" }));
}
