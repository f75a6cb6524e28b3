import { ApiError, invalidParameters } from "../api-error.ts";
import { nextEvent, parseCalendarEvent } from "../calendar-event.ts";
import type { Handlers } from "../handlers.ts";
import { addSection, sectionsOf, showSection, updateSection, type SectionFormat } from "../section-file.ts";
import type { Section } from "../state/cluster.ts";
import type { World } from "../world.ts";
import { localNode } from "./cluster.ts";

/** The part of /etc/pve/jobs.cfg that synchronizes realms; it shares its IDs with backup jobs. */
const format: SectionFormat = {
  file: "realmSyncJobs",
  endpoint: "POST /cluster/jobs/realm-sync/{id}",
  types: {
    "realm-sync": {
      realm: "fixed",
      schedule: "required",
      enabled: "optional",
      comment: "optional",
      scope: "optional",
      "enable-new": "optional",
      "remove-vanished": "optional",
    },
  },
};

/** Jobs that synchronize users and groups of a directory. */
export const clusterJobHandlers: Handlers = {
  "GET /cluster/jobs/realm-sync": (_parameters, { world }) =>
    Object.entries(sectionsOf(world, format)).map(([id, job]) => {
      const next = nextRun(world, job);
      const { enabled = 1, realm = "", schedule = "", ...others } = showSection(format, job);
      return {
        ...others,
        id,
        enabled: enabled === 1 ? 1 : 0,
        realm: String(realm),
        schedule: String(schedule),
        ...(next === undefined ? {} : { "next-run": next }),
      };
    }),
  "GET /cluster/jobs/realm-sync/{id}": ({ id }, { world }) => showSection(format, findJob(world, id)),
  "POST /cluster/jobs/realm-sync/{id}": ({ id, ...values }, { world }) => {
    if (sectionsOf(world, format)[id] !== undefined || world.state.sections.backupJobs[id] !== undefined) {
      throw new ApiError(500, `Job '${id}' already exists`);
    }
    const { realm = "" } = addSection(world, format, id, "realm-sync", values);
    const type = world.state.access.realms[realm]?.["type"];
    if (type === undefined) throw invalidParameters({ realm: `No such realm '${realm}'` });
    if (type !== "ldap" && type !== "ad") throw invalidParameters({ realm: "Only LDAP/AD realms can be synced." });
    return null;
  },
  "PUT /cluster/jobs/realm-sync/{id}": ({ id, delete: remove, ...values }, { world }) => {
    updateSection(world, format, id, { delete: remove, values }, "no such realm-sync job");
    return null;
  },
  "DELETE /cluster/jobs/realm-sync/{id}": ({ id }, { world }) => {
    findJob(world, id);
    Reflect.deleteProperty(sectionsOf(world, format), id);
    return null;
  },
};

function findJob(world: World, id: string): Section {
  const job = sectionsOf(world, format)[id];
  if (job === undefined) throw invalidParameters({ id: `No such job '${id}'` });
  return job;
}

function nextRun(world: World, { schedule }: Section): number | undefined {
  if (schedule === undefined) return undefined;
  const { timezone = "UTC" } = world.state.nodes[localNode(world)] ?? {};
  const next = nextEvent(parseCalendarEvent(schedule), world.clock.now(), timezone);
  return next === undefined ? undefined : next.getTime() / 1000;
}
