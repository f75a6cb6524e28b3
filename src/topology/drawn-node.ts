import type { NodePlan, PoolPlan } from "../plan/hosts.ts";
import type { HomelabPlan } from "../plan/plan.ts";
import { renderCount } from "./size-text.ts";

/** One pool as pictures show it. */
export interface DrawnPool {
  readonly name: string;
  readonly layout: "mirror" | "single" | "striped";
  /** Models of its disks; the ID of one whose model is not known. */
  readonly disks: readonly string[];
  readonly storages: readonly string[];
  /** What happens when a disk fails. */
  readonly redundancy: string;
}

/** One backup that starts on a node. */
export interface DrawnSchedule {
  readonly job: string;
  readonly time: string;
  readonly storage: string;
}

/** One node as pictures show it. */
export interface DrawnNode {
  readonly name: string;
  readonly model: string;
  readonly address: string;
  readonly cpuModel: string;
  /** `14 cores, 20 threads`. */
  readonly cpu: string;
  readonly guestCores: number;
  readonly memoryMib: number;
  readonly guestMemoryMib: number;
  readonly arcLimitMib: number;
  readonly bridges: readonly string[];
  readonly pools: readonly DrawnPool[];
  readonly schedules: readonly DrawnSchedule[];
}

const mib = 2 ** 20;

/** Picks from the plan what pictures show of a node. */
export function describeNode(node: NodePlan, plan: HomelabPlan): DrawnNode {
  const hardware = plan.hardware.find((entry) => entry.node === node.name);
  if (hardware === undefined) throw new Error(`The plan does not tell what "${node.name}" is made of.`);
  const guests = [...plan.containers, ...plan.machines].filter((guest) => guest.node === node.name);
  const models = new Map(hardware.disks.map(({ id, model }) => [id, model]));
  const { name, model, address } = node;
  const { cores, threads } = hardware.cpu;
  return {
    name,
    model,
    address,
    cpuModel: hardware.cpu.model,
    cpu: `${renderCount(cores, "core")}, ${renderCount(threads, "thread")}`,
    guestCores: sum(guests.map((guest) => guest.cores)),
    memoryMib: hardware.memoryBytes / mib,
    guestMemoryMib: sum(guests.map(({ memoryMib }) => memoryMib)),
    arcLimitMib: node.arcLimitBytes / mib,
    bridges: node.bridges.map(({ bridge, ports, vlanAware }) =>
      [bridge, ...(ports.length > 0 ? [`on ${ports.join(", ")}`] : []), ...(vlanAware ? ["(VLAN-aware)"] : [])].join(
        " ",
      ),
    ),
    pools: node.pools.map((pool) => describePool(pool, models, plan)),
    schedules: plan.backups
      .filter((job) => job.node === name)
      .map(({ job, schedule, storage }) => ({ job, time: schedule, storage })),
  };
}

function describePool(pool: PoolPlan, models: ReadonlyMap<string, string>, { storages }: HomelabPlan): DrawnPool {
  const layouts = { mirror: "mirror", single: "single", raid0: "striped" } as const;
  return {
    name: pool.pool,
    layout: layouts[pool.raidLevel],
    disks: pool.devices.map((id) => models.get(id) ?? id.replace("/dev/disk/by-id/", "")),
    storages: storages
      .filter((storage) => storage.type === "zfspool" && storage.pools.includes(pool.name))
      .map(({ name }) => name),
    redundancy:
      pool.raidLevel === "mirror"
        ? "survives the loss of a disk"
        : `no redundancy; covered by ${pool.coveredBy.join(" and ")}`,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
