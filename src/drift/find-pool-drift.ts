import { checkPool } from "../doctor/check-pools.ts";
import type { NodePlan, PoolPlan } from "../plan/hosts.ts";
import { Disks, ZfsPool, ZfsPools, type Disk } from "../proxmox/answers.ts";
import type { ReadApi } from "../proxmox/read-api.ts";
import { uncheckedBy, type Drift, type Look } from "./drift.ts";

type Refusal = Parameters<typeof uncheckedBy>[0];

/** Looks whether pools are healthy, and made of the disks that the inventory names. */
export async function findPoolDrift(nodes: readonly NodePlan[], api: Pick<ReadApi, "read">): Promise<Look[]> {
  const looks = await Promise.all(nodes.map((node) => lookAtNode(node, api)));
  return looks.flat();
}

async function lookAtNode({ name, pools }: NodePlan, api: Pick<ReadApi, "read">): Promise<Look[]> {
  const [disks, existing] = await Promise.all([
    api.read(`/nodes/${name}/disks/list`, Disks),
    api.read(`/nodes/${name}/disks/zfs`, ZfsPools),
  ]);
  return Promise.all(
    pools.map(async (pool): Promise<Look> => {
      if (disks.kind === "refused") return unread(pool, disks);
      if (existing.kind === "refused") return unread(pool, existing);
      if (!existing.value.some((own) => own.name === pool.pool)) return absent(pool);
      const reading = await api.read(`/nodes/${name}/disks/zfs/${pool.pool}`, ZfsPool);
      if (reading.kind === "refused") return unread(pool, reading);
      return look(pool, poolDrifts(pool, reading.value, disks.value));
    }),
  );
}

/** What is not as it should be with a pool that is there. */
export function poolDrifts(pool: PoolPlan, existing: ZfsPool, disks: readonly Disk[]): Drift[] {
  const health: Drift[] =
    existing.state === "ONLINE"
      ? []
      : [{ kind: "changed", what: `${subjectOf(pool)}: health`, where: pool.node, was: "ONLINE", is: existing.state }];
  const layout = checkPool(pool, { disks, existing, managed: undefined })
    .filter(({ status }) => status === "problem")
    .map(({ text }): Drift => ({
      kind: "changed",
      what: `${subjectOf(pool)}: layout`,
      where: pool.node,
      was: `${pool.raidLevel} on ${pool.devices.join(", ")}`,
      is: text,
      inventory: `nodes.${pool.node}.pools.${pool.pool} in config/homelab/nodes.yaml`,
    }));
  return [...health, ...layout];
}

/** One that this program makes is a resource, where it is told that it is gone. */
function absent(pool: PoolPlan): Look {
  if (pool.origin === "create") return look(pool, []);
  return look(pool, [{ kind: "missing", what: subjectOf(pool), where: pool.node, was: "there", is: null }]);
}

function unread(pool: PoolPlan, refusal: Refusal): Look {
  return { ...look(pool, []), unchecked: uncheckedBy(refusal) };
}

function look(pool: PoolPlan, drifts: readonly Drift[]): Look {
  return { area: "pools", subject: `${subjectOf(pool)} of ${pool.node}`, drifts };
}

function subjectOf({ pool }: PoolPlan): string {
  return `pool ${pool}`;
}
