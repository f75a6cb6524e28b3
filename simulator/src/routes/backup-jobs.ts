import { randomBytes } from "node:crypto";
import { ApiError } from "../api-error.ts";
import { nextRun } from "../backup/scheduler.ts";
import { checkSelection, disksInBackup, selectGuests } from "../backup/selection.ts";
import { nextEvent, parseCalendarEvent } from "../calendar-event.ts";
import type { Handlers } from "../handlers.ts";
import { parsePairs } from "../property-string.ts";
import { changeSection, fromSection, toSection } from "../section-config.ts";
import type { Section } from "../state/cluster.ts";
import type { World } from "../world.ts";

/** Scheduled backups, and which guests have none. */
export const backupJobHandlers: Handlers = {
  "GET /cluster/backup": (_parameters, { world }) =>
    Object.entries(world.state.sections.backupJobs).map(([id, job]) => describeJob(world, id, job)),
  "POST /cluster/backup": ({ id = newId(), starttime, dow, ...parameters }, { world, session }) => {
    const jobs = world.state.sections.backupJobs;
    if (jobs[id] !== undefined) throw new ApiError(500, `Job '${id}' already exists`);
    const job: Section = { enabled: "1", ...toSection(parameters), ...scheduleOf(starttime, dow) };
    requireSchedule(job);
    checkSelection(job);
    requireStorage(world, job);
    if (job["pool"] !== undefined) world.require(session, `/pool/${job["pool"]}`, "VM.Backup");
    jobs[id] = job;
    (world.state.backupRuns ??= {})[id] = world.seconds();
    return null;
  },
  "GET /cluster/backup/{id}": ({ id }, { world }) => describeJob(world, id, findJob(world, id)),
  "PUT /cluster/backup/{id}": ({ starttime, dow, ...parameters }, { world }) => {
    const job = findJob(world, parameters.id);
    const changes = { ...parameters, ...scheduleOf(starttime, dow) };
    // Choosing guests in one way ends the other ways.
    for (const [name, others] of Object.entries(alternatives)) {
      if (name in changes) for (const other of others) if (!(other in changes)) Reflect.deleteProperty(job, other);
    }
    changeSection(job, world.state.sections.backupJobs, changes, ["id"]);
    requireSchedule(job);
    checkSelection(job);
    requireStorage(world, job);
    return null;
  },
  "DELETE /cluster/backup/{id}": ({ id }, { world }) => {
    findJob(world, id);
    Reflect.deleteProperty(world.state.sections.backupJobs, id);
    return null;
  },
  "GET /cluster/backup/{id}/included_volumes": ({ id }, { world }) => ({
    children: selectGuests(world, findJob(world, id)).map((guest) => ({
      id: guest.vmid,
      name: guest.config["hostname"] ?? guest.config["name"] ?? "",
      type: guest.type,
      children: disksInBackup(guest).map(({ setting, volume, included, reason }) => ({
        id: setting,
        name: volume,
        included,
        reason,
      })),
    })),
  }),
  "GET /cluster/backup-info/not-backed-up": (_parameters, { world, session }) => {
    const jobs = Object.values(world.state.sections.backupJobs).filter(({ enabled = "1" }) => enabled === "1");
    const covered = new Set(jobs.flatMap((job) => selectGuests(world, job)).map(({ vmid }) => vmid));
    return Object.values(world.state.guests)
      .filter(({ vmid }) => !covered.has(vmid) && world.may(session, `/vms/${vmid}`, "VM.Audit"))
      .map(({ vmid, type, config }) => ({ vmid, type, name: config["hostname"] ?? config["name"] ?? "" }));
  },
  "GET /cluster/jobs/schedule-analyze": ({ schedule, starttime, iterations = 10 }, { world }) => {
    const event = parseCalendarEvent(schedule);
    const { timezone = "UTC" } = Object.values(world.state.nodes)[0] ?? {};
    const times: Date[] = [];
    let last = new Date((starttime ?? world.seconds()) * 1000);
    while (times.length < iterations) {
      const next = nextEvent(event, last, timezone);
      if (next === undefined) break;
      times.push(next);
      last = next;
    }
    return times.map((time) => ({
      timestamp: time.getTime() / 1000,
      utc: time.toISOString().slice(0, 19).replace("T", " "),
    }));
  },
};

const alternatives: Readonly<Record<string, readonly string[]>> = {
  all: ["vmid", "pool"],
  pool: ["all", "exclude", "vmid"],
  vmid: ["all", "exclude", "pool"],
};

function describeJob(world: World, id: string, job: Section) {
  const { fleecing, performance, "prune-backups": retention, "exclude-path": paths, ...plain } = job;
  const next = nextRun(world, job);
  return {
    ...fromSection(plain, "POST /cluster/backup"),
    id,
    type: "vzdump",
    ...(retention === undefined ? {} : { "prune-backups": parsePairs(retention) }),
    ...(fleecing === undefined ? {} : { fleecing: parsePairs(fleecing) }),
    ...(performance === undefined ? {} : { performance: parsePairs(performance) }),
    ...(paths === undefined ? {} : { "exclude-path": paths.split(",") }),
    ...(next === undefined ? {} : { "next-run": next.getTime() / 1000 }),
  };
}

/** The older way to say when: days of the week and a time. */
function scheduleOf(starttime: string | undefined, dow: string | undefined): Section {
  if (starttime === undefined) return {};
  return { schedule: dow === undefined ? starttime : `${dow} ${starttime}` };
}

function requireSchedule({ schedule }: Section): void {
  if (schedule === undefined) {
    throw new ApiError(400, "Parameter verification failed.", {
      schedule: "property is missing and it is not optional",
    });
  }
}

function requireStorage(world: World, { storage }: Section): void {
  if (storage !== undefined && world.state.storages[storage] === undefined) {
    throw new ApiError(500, `storage '${storage}' does not exist`);
  }
}

function findJob(world: World, id: string): Section {
  const job = world.state.sections.backupJobs[id];
  if (job === undefined) throw new ApiError(500, `No such job '${id}'`);
  return job;
}

function newId(): string {
  return `backup-${randomBytes(4).toString("hex")}-${randomBytes(2).toString("hex")}`;
}
