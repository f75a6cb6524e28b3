import type { PoolPlan } from "../plan/hosts.ts";
import type { Disk, ZfsPool } from "../proxmox/answers.ts";
import { findDisk, kindOfLevel, readPoolLayout } from "../proxmox/pool-layout.ts";
import { fine, listOf, problem, warning, type Finding } from "./finding.ts";

/** What was read of the place where a pool is or shall be. */
export interface PoolFacts {
  readonly disks: readonly Disk[];
  /** Undefined where there is no pool of this name. */
  readonly existing: ZfsPool | undefined;
  /** Whether the stack has made it; undefined where there is no state to tell. */
  readonly managed: boolean | undefined;
}

const sizeTolerance = 0.02;

/** Whether a pool is as it is declared, or its disks are free for it. */
export function checkPool(pool: PoolPlan, facts: PoolFacts): Finding[] {
  const subject = `pool ${pool.pool} of ${pool.node}`;
  const { existing, disks, managed } = facts;
  if (existing === undefined && pool.origin === "create")
    return pool.devices.map((id) => checkFreeDisk(pool, id, disks));
  if (existing === undefined) {
    return [
      problem(
        subject,
        "The installer should have made it, and it is not there.",
        `Correct nodes.${pool.node}.pools in config/homelab/nodes.yaml, or write origin: create.`,
      ),
    ];
  }
  if (pool.origin === "create" && managed === false) {
    return [
      problem(
        subject,
        "It exists already, and this stack has not made it: creating it would fail.",
        `If it is to be used as it is, write origin: installer. If nothing in it is worth keeping, on ${pool.node}:\n  zpool destroy ${pool.pool}`,
      ),
    ];
  }
  return [checkLayout(subject, pool, existing, disks)];
}

function checkFreeDisk(pool: PoolPlan, id: string, disks: readonly Disk[]): Finding {
  const { node } = pool;
  const subject = `disk for ${pool.pool} of ${node}`;
  const disk = findDisk(disks, id);
  if (disk === undefined) {
    const links = disks.map(({ by_id_link: link, devpath }) => link ?? devpath);
    return problem(
      subject,
      `${id} is not there. There are ${listOf(links)}.`,
      `Correct nodes.${node}.disks in config/homelab/nodes.yaml.`,
    );
  }
  const { devpath, used, model = "a disk", health = "UNKNOWN" } = disk;
  if (used !== undefined) {
    return problem(
      subject,
      `${id} (${devpath}) is in use: ${used}.`,
      `If nothing on it is worth keeping, wipe it on ${node}:\n  pvesh set /nodes/${node}/disks/wipedisk --disk ${devpath}`,
    );
  }
  if (!["PASSED", "OK", "UNKNOWN"].includes(health)) {
    return problem(
      subject,
      `${id} (${devpath}) says of itself that it is failing: ${health.replace(/!$/, "")}.`,
      `Replace it; see what is wrong on ${node}:\n  smartctl -a ${devpath}`,
    );
  }
  return checkSize(subject, pool, id, disk) ?? fine(subject, `${model} (${devpath}) is unused.`);
}

function checkLayout(subject: string, pool: PoolPlan, existing: ZfsPool, disks: readonly Disk[]): Finding {
  const layout = readPoolLayout(existing, disks);
  const members = layout.members.map(({ device }) => device).sort();
  const wanted = pool.devices.map((id) => findDisk(disks, id)?.devpath ?? id).sort();
  const declared = kindOfLevel(pool.raidLevel);
  if (layout.kind !== declared || members.join() !== wanted.join()) {
    return problem(
      subject,
      `It is ${layout.kind} on ${listOf(members)}; declared is that it is ${declared} on ${listOf(wanted)}.`,
      `Correct nodes.${pool.node}.pools.${pool.pool} and its disks in config/homelab/nodes.yaml.`,
    );
  }
  if (existing.state !== "ONLINE") {
    return warning(
      subject,
      `It is as declared, but ${existing.state}.`,
      `See what is wrong on ${pool.node}:\n  zpool status ${pool.pool}`,
    );
  }
  const sizes = pool.devices.map((id) => checkSize(subject, pool, id, findDisk(disks, id)));
  return (
    sizes.find((finding) => finding !== undefined) ??
    fine(subject, `It is ${layout.kind} on ${listOf(members)}, as declared.`)
  );
}

/** Whether a disk has the size from which the inventory reckons what fits on it; what is sold as 1 TB has a little more. */
function checkSize(subject: string, pool: PoolPlan, id: string, disk: Disk | undefined): Finding | undefined {
  const declared = pool.deviceBytes[id];
  if (disk === undefined || declared === undefined) return undefined;
  if (Math.abs(disk.size - declared) <= declared * sizeTolerance) return undefined;
  return warning(
    subject,
    `${id} (${disk.devpath}) has ${renderDecimal(disk.size)}, and ${renderDecimal(declared)} are declared: what fits on the pool was reckoned with those.`,
    `Correct its size in nodes.${pool.node}.disks in config/homelab/nodes.yaml.`,
  );
}

function renderDecimal(bytes: number): string {
  const [unit, factor] = bytes < 1e12 ? ["GB", 1e9] : ["TB", 1e12];
  return `${Number((bytes / factor).toFixed(2))} ${unit}`;
}
