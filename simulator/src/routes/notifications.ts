import { ApiError } from "../api-error.ts";
import type { Handlers, Returns } from "../handlers.ts";
import {
  addEntity,
  deleteEntity,
  describeEntity,
  entitiesOf,
  findEntity,
  notificationDigest,
  updateEntity,
} from "../notifications/entities.ts";
import type { Session } from "../state/access.ts";
import type { Section } from "../state/cluster.ts";
import type { World } from "../world.ts";

const sentKept = 100;

/** Which notifications go where: https://pve.proxmox.com/wiki/Notifications */
export const notificationHandlers: Handlers = {
  "GET /cluster/notifications/targets": (_parameters, { world }) =>
    Object.entries(world.state.sections.notificationEndpoints).map(([name, { type, comment, disable, origin }]) => ({
      name,
      type: type as Returns<"GET /cluster/notifications/targets">[number]["type"],
      origin: origin as Returns<"GET /cluster/notifications/targets">[number]["origin"],
      ...(comment === undefined ? {} : { comment }),
      ...(disable === undefined ? {} : { disable: disable === "1" ? 1 : 0 }),
    })),
  "POST /cluster/notifications/targets/{name}/test": ({ name }, { world }) => testTarget(world, name),
  "GET /cluster/notifications/matchers": (_parameters, { world }) =>
    entitiesOf(world, "matcher").map(([name, matcher]): unknown =>
      describeEntity("matcher", name, matcher),
    ) as Returns<"GET /cluster/notifications/matchers">,
  "GET /cluster/notifications/matchers/{name}": ({ name }, { world }) =>
    ({
      ...describeEntity("matcher", name, findEntity(world, "matcher", name)),
      digest: notificationDigest(world),
    }) as Returns<"GET /cluster/notifications/matchers/{name}">,
  "POST /cluster/notifications/matchers": ({ name, ...values }, { world }) => {
    checkMatcher(world, addEntity(world, "matcher", name, values));
    return null;
  },
  "PUT /cluster/notifications/matchers/{name}": ({ name, delete: remove, digest, ...values }, { world }) => {
    checkMatcher(world, updateEntity(world, "matcher", name, { delete: remove, digest, values }));
    return null;
  },
  "DELETE /cluster/notifications/matchers/{name}": ({ name }, { world }) => {
    deleteEntity(world, "matcher", name);
    return null;
  },
  "GET /cluster/notifications/matcher-fields": () => [{ name: "type" }, { name: "hostname" }, { name: "job-id" }],
  "GET /cluster/notifications/matcher-field-values": (_parameters, { world, session }) =>
    listFieldValues(world, session),
};

function listFieldValues(world: World, session: Session) {
  const { backupJobs, replicationJobs } = world.state.sections;
  const backups = world.may(session, "/", "Sys.Audit") ? Object.entries(backupJobs) : [];
  const replications = Object.entries(replicationJobs).filter(([id]) =>
    world.may(session, `/vms/${id.split("-")[0] ?? ""}`, "VM.Audit"),
  );
  return [
    ...["package-updates", "fencing", "replication", "vzdump", "system-mail"].map((value) => ({
      field: "type",
      value,
    })),
    ...[...backups, ...replications].map(([value, { comment }]) => ({
      field: "job-id",
      value,
      ...(comment === undefined ? {} : { comment }),
    })),
    ...Object.keys(world.state.nodes).map((value) => ({ field: "hostname", value })),
  ];
}

/** The simulator delivers into its state. */
function testTarget(world: World, name: string): null {
  const { state } = world;
  if (state.sections.notificationEndpoints[name] === undefined) {
    throw new ApiError(404, `endpoint '${name}' does not exist`);
  }
  const sent = (state.sent ??= []);
  sent.push({ target: name, title: "Test notification", time: world.seconds() });
  sent.splice(0, Math.max(0, sent.length - sentKept));
  return null;
}

const severities = ["info", "notice", "warning", "error", "unknown"];

function checkMatcher(world: World, matcher: Section): void {
  const endpoints = world.state.sections.notificationEndpoints;
  for (const target of linesOf(matcher["target"])) {
    if (endpoints[target] === undefined) throw new ApiError(404, `endpoint '${target}' does not exist`);
  }
  for (const field of linesOf(matcher["match-field"])) {
    if (!/^(?:exact|regex):[^=\s]+=.+$/.test(field)) {
      throw new ApiError(500, `could not apply filter: invalid match-field statement: ${field}`);
    }
  }
  for (const severity of linesOf(matcher["match-severity"]).flatMap((text) => text.split(","))) {
    if (!severities.includes(severity.trim())) throw new ApiError(500, `invalid severity ${severity.trim()}`);
  }
}

function linesOf(text: string | undefined): string[] {
  return (text ?? "").split("\n").filter((line) => line !== "");
}
