import type { Patch } from "immer";
import { nextEvent, parseCalendarEvent } from "../calendar-event.ts";
import type { ClusterState, Section } from "../state/cluster.ts";
import type { World } from "../world.ts";
import { selectGuests } from "./selection.ts";
import { startBackup } from "./vzdump.ts";

interface PlannedJob {
  /** What its time depends on. */
  readonly reason: string;
  readonly cancel: () => void;
}

/** Runs backup jobs when the clock passes their schedule, as pvescheduler does on every node; returns what ends it. */
export function startScheduler(world: World): () => void {
  const planned = new Map<string, PlannedJob>();
  const forget = (id: string) => {
    planned.get(id)?.cancel();
    planned.delete(id);
  };
  const plan = (id: string, job: Section) => {
    forget(id);
    const time = nextRun(world, job);
    if (time === undefined) return;
    const cancel = world.clock.at(time, () => {
      planned.delete(id);
      runJob(world, id);
      planChanged(world.state);
    });
    planned.set(id, { reason: reasonOf(job), cancel });
  };
  const runLater = (id: string) => {
    world.clock.after(1, () => {
      runJob(world, id);
    });
  };
  // A job whose time has not changed keeps it: two jobs may be due at the same moment.
  const planChanged = ({ sections: { backupJobs } }: ClusterState) => {
    for (const id of planned.keys()) if (backupJobs[id] === undefined) forget(id);
    for (const [id, job] of Object.entries(backupJobs)) {
      if (planned.get(id)?.reason !== reasonOf(job)) plan(id, job);
    }
  };
  const stop = world.onChange((patches, state) => {
    if (patches.some(({ path }) => path.length === 0)) for (const id of [...planned.keys()]) forget(id);
    if (patches.some(concernsJobs)) planChanged(state);
  });
  planChanged(world.state);
  for (const [id, job] of Object.entries(world.state.sections.backupJobs)) if (hasMissed(world, id, job)) runLater(id);
  return () => {
    stop();
    for (const id of [...planned.keys()]) forget(id);
  };
}

function reasonOf({ enabled = "1", schedule = "", node = "" }: Section): string {
  return JSON.stringify([enabled, schedule, node]);
}

/** When a job runs next; undefined where it never does. */
export function nextRun(
  world: World,
  { enabled = "1", schedule, node }: Section,
  after = world.clock.now(),
): Date | undefined {
  if (enabled === "0" || schedule === undefined) return undefined;
  const { timezone = "UTC" } = world.state.nodes[node ?? Object.keys(world.state.nodes)[0] ?? ""] ?? {};
  return nextEvent(parseCalendarEvent(schedule), after, timezone);
}

/** Whether a job's time has passed while nobody was there to run it, and it wants to be made up for. */
function hasMissed(world: World, id: string, job: Section): boolean {
  const last = world.state.backupRuns?.[id];
  if (job["repeat-missed"] !== "1" || last === undefined) return false;
  const next = nextRun(world, job, new Date(last * 1000));
  return next !== undefined && next <= world.clock.now();
}

function runJob(world: World, id: string): void {
  const job = world.state.sections.backupJobs[id];
  if (job === undefined) return;
  world.change(() => {
    (world.state.backupRuns ??= {})[id] = world.seconds();
  });
  const nodes = job["node"] === undefined ? Object.keys(world.state.nodes) : [job["node"]];
  for (const node of nodes) {
    if (world.state.nodes[node]?.off === true) continue;
    const vmids = selectGuests(world, job)
      .filter((guest) => guest.node === node)
      .map(({ vmid }) => vmid);
    if (vmids.length === 0) continue;
    const session = { user: "root@pam" };
    world.transaction(() => {
      try {
        startBackup(world, { node, vmids, options: job, session });
      } catch (error) {
        reportFailure(world, node, error);
      }
    });
  }
}

/** A job that can't even start leaves a failed task, where people look for it. */
function reportFailure(world: World, node: string, error: unknown): void {
  world.tasks.start({
    node,
    type: "vzdump",
    id: "",
    session: { user: "root@pam" },
    seconds: 0,
    work: () => {
      throw error;
    },
  });
}

function concernsJobs({ path }: Patch): boolean {
  return path.length === 0 || (path[0] === "sections" && (path.length === 1 || path[1] === "backupJobs"));
}
