import { ApiError } from "../api-error.ts";
import { sidOf } from "../ha/state.ts";
import type { Context } from "../handlers.ts";
import { titleOf } from "../node/bulk-actions.ts";
import { localNode } from "../routes/cluster.ts";
import type { Guest } from "../state/guest.ts";
import type { Log, Step } from "../tasks.ts";
import type { World } from "../world.ts";
import { actOn, type GuestAction } from "./actions.ts";

/** What is done to each of many guests. */
export interface BulkAction {
  readonly name: "start" | "shutdown" | "suspend" | "migrate";
  /** `Starting` */
  readonly verb: string;
  /** `to pve-02` */
  readonly suffix?: string;
  /** `Some guests failed to start:`, before their VMIDs. */
  readonly failure: string;
  /** Without any: all guests. */
  readonly vms: readonly number[] | undefined;
  /** How many at a time. */
  readonly workers: number;
  /** The last to start are the first to stop. */
  readonly reverse?: boolean;
  /** Pays no attention to the order of starting, takes templates along and what HA manages. */
  readonly unordered?: boolean;
  /** Why a guest is left out. */
  readonly skip: (guest: Guest) => string | undefined;
  readonly request: (guest: Guest) => {
    readonly action: GuestAction;
    readonly parameters: Readonly<Record<string, unknown>>;
    readonly note?: string;
  };
}

/** Guests to come, guests whose own tasks run, and guests that failed. */
interface Progress {
  readonly waiting: number[][];
  readonly running: Map<number, string>;
  readonly failed: number[];
}

/** Starts a task that starts a task for each guest, and waits for all of them; returns its UPID. */
export function runBulkAction(context: Context, bulk: BulkAction): string {
  const { world, session } = context;
  return world.tasks.start({
    node: localNode(world),
    type: `bulk-${bulk.name}`,
    id: "",
    session,
    seconds: 0,
    work: (log) => {
      const { verb, suffix, vms = [] } = bulk;
      const end = suffix === undefined ? "" : ` ${suffix}`;
      log(vms.length === 0 ? `${verb} all guests${end}` : `${verb} guests${end}: ${vms.join(", ")}`);
      return proceed(context, bulk, { waiting: groupsOf(world, bulk), running: new Map(), failed: [] }, log);
    },
  });
}

/** Takes note of what has ended, and starts what there is room for; a group waits for the one before it. */
function proceed(context: Context, bulk: BulkAction, progress: Progress, log: Log): Step | undefined {
  const { waiting, running, failed } = progress;
  for (const [vmid, upid] of running) collect(context.world, bulk, progress, vmid, upid, log);
  while (waiting.length > 0 && running.size < bulk.workers) {
    const vmid = waiting[0]?.shift();
    if (vmid !== undefined) begin(context, bulk, progress, vmid, log);
    else if (running.size === 0) waiting.shift();
    else break;
  }
  if (waiting.length > 0 || running.size > 0) {
    return { seconds: 1, work: (nextLog) => proceed(context, bulk, progress, nextLog) };
  }
  if (failed.length > 0) throw new Error(`${bulk.failure} ${failed.join(", ")}`);
  return undefined;
}

function begin(context: Context, bulk: BulkAction, { running, failed }: Progress, vmid: number, log: Log): void {
  const guest = context.world.state.guests[vmid];
  if (guest === undefined) return;
  const reason = bulk.skip(guest);
  if (reason !== undefined) {
    log(`WARN: Skipping ${titleOf(guest)}, ${reason}`);
    return;
  }
  const { action, parameters, note } = bulk.request(guest);
  log(`${bulk.verb} ${titleOf(guest)}${note === undefined ? "" : ` ${note}`}`);
  try {
    running.set(vmid, actOn(guest, action, parameters, context));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    log(`WARN: ${error.message}`);
    failed.push(vmid);
  }
}

function collect(
  { state }: World,
  { verb }: BulkAction,
  progress: Progress,
  vmid: number,
  upid: string,
  log: Log,
): void {
  const task = state.tasks[upid];
  if (task !== undefined && task.endtime === undefined) return;
  progress.running.delete(vmid);
  const { exitstatus = "could not query task status" } = task ?? {};
  if (exitstatus === "OK" || exitstatus.startsWith("WARNINGS: ")) return;
  progress.failed.push(vmid);
  const guest = state.guests[vmid];
  log(`WARN: ${verb} ${guest === undefined ? vmid : titleOf(guest)} failed: ${exitstatus}`);
}

/** The VMIDs in the order of their guests' `startup` settings, what has the same order together. */
function groupsOf({ state }: World, { vms = [], reverse = false, unordered = false }: BulkAction): number[][] {
  const groups = new Map<number, number[]>();
  for (const guest of Object.values(state.guests)) {
    if (vms.length > 0 && !vms.includes(guest.vmid)) continue;
    const managed = state.sections.haResources[sidOf(guest)] !== undefined;
    if (!unordered && (guest.config["template"] === "1" || (managed && vms.length === 0))) continue;
    const order = unordered ? 0 : orderOf(guest);
    groups.set(order, [...(groups.get(order) ?? []), guest.vmid]);
  }
  const sorted = [...groups].sort(([a], [b]) => a - b).map(([, vmids]) => vmids.sort((a, b) => a - b));
  return reverse ? sorted.reverse() : sorted;
}

function orderOf({ config }: Guest): number {
  const order = /(?:^|,)(?:order=)?(\d+)(?:,|$)/.exec(config["startup"] ?? "")?.[1];
  return order === undefined ? Number.MAX_SAFE_INTEGER : Number(order);
}
