import { nextEvent, parseCalendarEvent } from "../calendar-event.ts";
import type { SectionFormat } from "../section-file.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";
import type { ReplicationRecord } from "../state/replication.ts";
import type { World } from "../world.ts";

/** /etc/pve/replication.cfg */
export const replicationFormat: SectionFormat = {
  file: "replicationJobs",
  endpoint: "POST /cluster/replication",
  types: {
    local: {
      target: "fixed",
      source: "optional",
      schedule: "optional",
      rate: "optional",
      disable: "optional",
      comment: "optional",
      remove_job: "optional",
    },
  },
};

const neverRun: ReplicationRecord = { lastSync: 0, lastTry: 0, failCount: 0, log: [] };

/** The VMID of a job: `100-0` is the first of guest 100. */
export function guestIdOf(id: string): number {
  return Number(id.split("-")[0]);
}

/** The guest of a job, where it still exists. */
export function guestOf({ state }: World, id: string): Guest | undefined {
  return state.guests[guestIdOf(id)];
}

/** What a job has done so far. */
export function recordOf({ state }: World, id: string): ReplicationRecord {
  return state.replications?.[id] ?? neverRun;
}

/** When a job is due, in seconds since 1970: as soon as possible where it is to be removed, later and later where it fails. */
export function nextSync(world: World, id: string, job: Section): number {
  const { failCount, lastTry } = recordOf(world, id);
  if (job["remove_job"] !== undefined) return 1;
  if (failCount > 0) return lastTry + 60 * (failCount < 3 ? failCount * 5 : 30);
  const { timezone = "UTC" } = world.state.nodes[guestOf(world, id)?.node ?? ""] ?? {};
  const next = nextEvent(parseCalendarEvent(job["schedule"] ?? "*/15"), new Date(lastTry * 1000), timezone);
  return next === undefined ? 0 : next.getTime() / 1000;
}

/** Whether a job is to be run now; 0 is a schedule that never comes. */
export function isDue(world: World, id: string, job: Section): boolean {
  const next = nextSync(world, id, job);
  return isRunnable(world, id, job) && next > 0 && next <= world.seconds();
}

/** Whether a job runs on its own: where it is switched on, and its guest is not on the target already. */
export function isRunnable(world: World, id: string, job: Section): boolean {
  const guest = guestOf(world, id);
  if (guest === undefined) return false;
  return job["remove_job"] !== undefined || (job["disable"] !== "1" && guest.node !== job["target"]);
}
