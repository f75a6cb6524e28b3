import type { BackupJobPlan } from "../plan/backups.ts";
import type { HomelabPlan } from "../plan/plan.ts";
import type { StoragePlan } from "../plan/storages.ts";
import { renderMemory } from "./size-text.ts";

/** One job that writes to a target. */
export interface DrawnJob {
  readonly name: string;
  /** `7 daily, 4 weekly`. */
  readonly keeps: string;
  /** `pve-01 at 01:00`. */
  readonly starts: readonly string[];
  readonly nodes: readonly string[];
  /** `up to 200 MiB/s`. */
  readonly speed: string;
}

/** One storage that backups go to. */
export interface DrawnTarget {
  readonly name: string;
  readonly type: StoragePlan["type"];
  readonly location: string;
  /** `off-site`, or the network that it stands on. */
  readonly place: string;
  readonly jobs: readonly DrawnJob[];
}

const offSite = "off-site";

/** Picks from the plan where backups go, what is near first. */
export function describeTargets(plan: HomelabPlan): DrawnTarget[] {
  const targets = plan.storages
    .filter(({ name }) => plan.backups.some(({ storage }) => storage === name))
    .map((storage) => {
      const own = plan.backups.filter((job) => job.storage === storage.name);
      return {
        name: storage.name,
        type: storage.type,
        location: storage.location,
        place: placeOf(storage, plan),
        jobs: [...new Set(own.map(({ job }) => job))].map((name) =>
          describeJob(
            name,
            own.filter(({ job }) => job === name),
          ),
        ),
      };
    });
  return [...targets.filter(({ place }) => place !== offSite), ...targets.filter(({ place }) => place === offSite)];
}

function describeJob(name: string, runs: readonly BackupJobPlan[]): DrawnJob {
  const [first] = runs;
  return {
    name,
    keeps: Object.entries(first?.prune ?? {})
      .map(([period, count]) => `${count} ${period.replace(/^keep-/, "")}`)
      .join(", "),
    starts: runs.map(({ node, schedule }) => `${node} at ${schedule}`),
    nodes: runs.map(({ node }) => node),
    speed: `up to ${renderMemory((first?.bandwidthKib ?? 0) / 1024)}/s`,
  };
}

function placeOf(storage: StoragePlan, { networks }: HomelabPlan): string {
  if (!("server" in storage)) return "on the node";
  const network = networks.find(({ storages }) => storages.includes(storage.name));
  if (network !== undefined) return `on ${network.name}`;
  return isPrivate(storage.server) ? "in the house" : offSite;
}

/** Addresses of RFC 1918, and names that no public server has. */
function isPrivate(server: string): boolean {
  return /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)[\d.]+$|^[^.]+$|\.(?:home\.arpa|internal|lan|local)$/.test(
    server,
  );
}
