import type { NodeState, ZfsPool } from "../state/node.ts";
import { draidLayout, parity, vdevsOf, type Vdev } from "./zfs-vdevs.ts";

/** What `zpool status -P` says of a pool. */
export interface PoolReport {
  readonly state: "ONLINE" | "DEGRADED" | "SUSPENDED";
  readonly status?: string;
  readonly action?: string;
  readonly see?: string;
  readonly scan?: string;
  /** The pool's own tree, and then its sections: `spares`. */
  readonly config: readonly Vdev[];
  readonly errors: string;
}

const pages = "https://openzfs.github.io/openzfs-docs/msg";

/** Reports on a pool: what is wrong with it, and what to do. */
export function reportOn(node: NodeState, pool: ZfsPool): PoolReport {
  const root = vdevsOf(node, pool);
  const { scan } = pool;
  const config = [root, ...sparesOf(pool)];
  const rest = { config, ...(scan === undefined ? {} : { scan }) };
  if (root.state === "UNAVAIL") {
    return {
      state: "SUSPENDED",
      status: "One or more devices are faulted in response to IO failures.",
      action: "Make sure the affected devices are connected, then run 'zpool clear'.",
      see: `${pages}/ZFS-8000-HC`,
      ...rest,
      errors: "List of errors unavailable: pool I/O is currently suspended",
    };
  }
  const errors = "No known data errors";
  if (root.state === "ONLINE") return { state: "ONLINE", ...rest, errors };
  return { state: "DEGRADED", ...(hasLost(pool) ? missing : faulted), ...rest, errors };
}

const faulted = {
  status:
    "One or more devices are faulted in response to persistent errors. " +
    "Sufficient replicas exist for the pool to continue functioning in a degraded state.",
  action: "Replace the faulted device, or use 'zpool clear' to mark the device repaired.",
};

const missing = {
  status:
    "One or more devices could not be used because the label is missing or invalid.  " +
    "Sufficient replicas exist for the pool to continue functioning in a degraded state.",
  action: "Replace the device using 'zpool replace'.",
  see: `${pages}/ZFS-8000-4J`,
};

function hasLost({ lost = {} }: ZfsPool): boolean {
  return Object.keys(lost).length > 0;
}

function sparesOf(pool: ZfsPool): Vdev[] {
  const { spares } = draidLayout(pool);
  if (spares === 0) return [];
  const plain = { read: 0, write: 0, message: "" };
  const names = Array.from({ length: spares }, (_, index) => `draid${parity[pool.raid]}-0-${index}`);
  const children = names.map((name) => ({ ...plain, name, state: "AVAIL" as const, children: [] }));
  return [{ ...plain, name: "spares", state: "AVAIL", children }];
}
