import type { PoolPlan } from "../plan/hosts.ts";
import type { HomelabPlan } from "../plan/plan.ts";
import type { ExistingGuest } from "../proxmox/answers.ts";
import { findDisk } from "../proxmox/pool-layout.ts";
import type { Reading } from "../proxmox/read-api.ts";
import { checkSpace, planDemands, type Demand, type Space } from "./check-space.ts";
import type { NodeExamination } from "./examine-node.ts";
import { unread, type Finding } from "./finding.ts";

/** What has been read before. */
export interface SpaceFacts {
  readonly plan: HomelabPlan;
  readonly guests: Reading<readonly ExistingGuest[]>;
  readonly nodes: readonly NodeExamination[];
  readonly imageSizes: ReadonlyMap<string, number | undefined>;
}

/** Compares what is put on each storage with the room there, also of storages that are still to be made. */
export function examineSpace({ plan, guests, nodes, imageSizes }: SpaceFacts): Finding[] {
  const isThere = (vmid: number) => guests.kind === "read" && guests.value.some((guest) => guest.vmid === vmid);
  return planDemands(plan, isThere, imageSizes).flatMap((demand) => {
    const node = nodes.find((candidate) => candidate.node.name === demand.node);
    const space = node === undefined ? undefined : spaceFor(demand, node);
    if (space === undefined) return [];
    // Whose disks are there already is not known.
    if (guests.kind === "refused" && demand.guests > 0) {
      return [unread(`space on ${demand.storage.name} of ${demand.node}`, guests)];
    }
    return [checkSpace(demand, space)];
  });
}

function spaceFor({ storage }: Demand, node: NodeExamination): Space | undefined {
  if (node.storages === undefined) return undefined;
  const existing = node.storages.find((own) => own.storage === storage.name);
  if (existing?.active === true) return { bytes: existing.avail, of: "that are free" };
  if (existing !== undefined || storage.origin === "installer") return undefined;
  if (storage.type === "zfspool") return poolSpace(storage.dataset.split("/")[0] ?? "", node);
  if (storage.type === "dir" && node.rootSpace !== undefined) {
    return { bytes: node.rootSpace, of: "that are free on the system's disk" };
  }
  return undefined;
}

function poolSpace(name: string, { node, poolSpace: free, disks }: NodeExamination): Space | undefined {
  const existing = Object.hasOwn(free, name) ? free[name] : undefined;
  if (existing !== undefined) return { bytes: existing, of: `that are free in the pool ${name}` };
  const pool = node.pools.find((candidate) => candidate.pool === name);
  if (pool === undefined || disks === undefined) return undefined;
  const sizes = pool.devices.map((id) => findDisk(disks, id)?.size);
  if (!sizes.every((size) => size !== undefined)) return undefined;
  return { bytes: capacityOf(pool, sizes), of: `that the pool ${name} will have` };
}

function capacityOf({ raidLevel }: PoolPlan, sizes: readonly number[]): number {
  return raidLevel === "mirror" ? Math.min(...sizes) : sizes.reduce((sum, size) => sum + size, 0);
}
