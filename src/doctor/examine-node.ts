import type { BridgePlan, NodePlan, PoolPlan } from "../plan/hosts.ts";
import type { HomelabPlan } from "../plan/plan.ts";
import {
  Disks,
  Interface,
  NodeStatus,
  NodeStorages,
  ZfsPool,
  ZfsPools,
  type Disk,
  type ExistingGuest,
  type NodeStorage,
} from "../proxmox/answers.ts";
import type { ReadApi, Reading } from "../proxmox/read-api.ts";
import { checkBridge } from "./check-bridges.ts";
import { checkMemory } from "./check-memory.ts";
import { checkPool } from "./check-pools.ts";
import { unread, type Finding } from "./finding.ts";
import type { Target } from "./target.ts";

/** What was read of one node; what could not be read is undefined. */
export interface NodeExamination {
  readonly node: NodePlan;
  readonly findings: readonly Finding[];
  readonly storages: readonly NodeStorage[] | undefined;
  readonly disks: readonly Disk[] | undefined;
  /** Free bytes by pool. */
  readonly poolSpace: Readonly<Record<string, number>>;
  /** Free bytes of the file system that the node itself is on. */
  readonly rootSpace: number | undefined;
}

/** Looks at one node: its disks and pools, its bridges, its memory. */
export async function examineNode(
  { plan, managed }: Target,
  api: ReadApi,
  node: NodePlan,
  guests: Reading<readonly ExistingGuest[]>,
): Promise<NodeExamination> {
  const { name } = node;
  const [disks, pools, status, storages] = await Promise.all([
    api.read(`/nodes/${name}/disks/list`, Disks),
    api.read(`/nodes/${name}/disks/zfs`, ZfsPools),
    api.read(`/nodes/${name}/status`, NodeStatus),
    api.read(`/nodes/${name}/storage`, NodeStorages),
  ]);
  const bridges = await Promise.all(node.bridges.map((bridge) => examineBridge(api, bridge, managed?.bridges)));
  const poolFindings = await Promise.all(
    node.pools.map(async (pool) => {
      if (disks.kind === "refused") return [unread(`pool ${pool.pool} of ${name}`, disks)];
      if (pools.kind === "refused") return [unread(`pool ${pool.pool} of ${name}`, pools)];
      return examinePool(api, pool, {
        disks: disks.value,
        names: pools.value.map((own) => own.name),
        managed: managed?.pools,
      });
    }),
  );
  return {
    node,
    findings: [
      ...poolFindings.flat(),
      ...bridges,
      memoryFinding(plan, name, status, guests),
      ...(storages.kind === "refused" ? [unread(`storages of ${name}`, storages)] : []),
    ],
    storages: storages.kind === "read" ? storages.value : undefined,
    disks: disks.kind === "read" ? disks.value : undefined,
    poolSpace: Object.fromEntries(
      (pools.kind === "read" ? pools.value : []).map(({ name: pool, free }) => [pool, free]),
    ),
    rootSpace: status.kind === "read" ? status.value.rootfs.avail : undefined,
  };
}

function memoryFinding(
  plan: HomelabPlan,
  name: string,
  status: Reading<{ readonly memory: { readonly total: number } }>,
  guests: Reading<readonly ExistingGuest[]>,
): Finding {
  if (status.kind === "refused") return unread(`memory of ${name}`, status);
  if (guests.kind === "refused") return unread(`memory of ${name}`, guests);
  return checkMemory(plan, name, status.value.memory.total, guests.value);
}

interface PoolContext {
  readonly disks: readonly Disk[];
  readonly names: readonly string[];
  readonly managed: ReadonlySet<string> | undefined;
}

async function examinePool(api: ReadApi, pool: PoolPlan, { disks, names, managed }: PoolContext): Promise<Finding[]> {
  const key = `${pool.node}/${pool.pool}`;
  if (!names.includes(pool.pool)) return checkPool(pool, { disks, existing: undefined, managed: managed?.has(key) });
  const reading = await api.read(`/nodes/${pool.node}/disks/zfs/${pool.pool}`, ZfsPool);
  if (reading.kind === "refused") return [unread(`pool ${pool.pool} of ${pool.node}`, reading)];
  return checkPool(pool, { disks, existing: reading.value, managed: managed?.has(key) });
}

async function examineBridge(
  api: ReadApi,
  bridge: BridgePlan,
  managed: ReadonlySet<string> | undefined,
): Promise<Finding> {
  const reading = await api.read(`/nodes/${bridge.node}/network/${bridge.bridge}`, Interface);
  const isOurs = managed?.has(`${bridge.node}/${bridge.bridge}`);
  if (reading.kind === "read") return checkBridge(bridge, reading.value, isOurs);
  if (reading.message.includes("interface does not exist")) return checkBridge(bridge, undefined, isOurs);
  return unread(`bridge ${bridge.bridge} of ${bridge.node}`, reading);
}
