import { createHash } from "node:crypto";
import { ApiError } from "../api-error.ts";
import type { EndpointKey } from "../api/facts.ts";
import { showSection, toLines } from "../section-file.ts";
import { builtInEndpoints, builtInMatchers } from "../state/built-in-notifications.ts";
import type { Section, Sections } from "../state/cluster.ts";
import type { World } from "../world.ts";

/** What notifications.cfg has: targets of four kinds, and matchers that route to them. */
export type EntityType = "gotify" | "sendmail" | "smtp" | "webhook" | "matcher";

/** A change of an entity, as a request sends it. */
export interface EntityChange {
  readonly delete?: readonly string[] | undefined;
  readonly digest?: string | undefined;
  readonly values: Readonly<Record<string, unknown>>;
}

interface Kind {
  readonly endpoint: EndpointKey;
  readonly deletable: readonly string[];
}

const kinds: Readonly<Record<EntityType, Kind>> = {
  gotify: { endpoint: "POST /cluster/notifications/endpoints/gotify", deletable: ["comment", "disable"] },
  sendmail: {
    endpoint: "POST /cluster/notifications/endpoints/sendmail",
    deletable: ["author", "comment", "disable", "from-address", "mailto", "mailto-user"],
  },
  smtp: {
    endpoint: "POST /cluster/notifications/endpoints/smtp",
    deletable: ["author", "comment", "disable", "mailto", "mailto-user", "password", "port", "username"],
  },
  webhook: {
    endpoint: "POST /cluster/notifications/endpoints/webhook",
    deletable: ["body", "comment", "disable", "header", "secret"],
  },
  matcher: {
    endpoint: "POST /cluster/notifications/matchers",
    deletable: [
      "comment",
      "disable",
      "invert-match",
      "match-calendar",
      "match-field",
      "match-severity",
      "mode",
      "target",
    ],
  },
};

const builtIn: Sections = { ...builtInEndpoints, ...builtInMatchers };

/** The entities of a type, by name. */
export function entitiesOf(world: World, type: EntityType): (readonly [name: string, entity: Section])[] {
  return Object.entries(fileOf(world, type)).filter(([, entity]) => type === "matcher" || entity["type"] === type);
}

/**
 * One entity.
 * @throws {ApiError} 404
 */
export function findEntity(world: World, type: EntityType, name: string): Section {
  const entity = entitiesOf(world, type).find(([id]) => id === name)?.[1];
  if (entity !== undefined) return entity;
  throw new ApiError(404, `${type === "matcher" ? "matcher" : "endpoint"} '${name}' not found`);
}

/** An entity as an answer has it; its type is in the path. */
export function describeEntity(type: EntityType, name: string, entity: Section): Record<string, unknown> {
  const { type: _type, ...settings } = showSection(
    { file: "matchers", types: {}, endpoint: kinds[type].endpoint },
    entity,
  );
  return { ...settings, name };
}

/**
 * Adds an entity; names are unique over all types.
 * @throws {ApiError} 400
 */
export function addEntity(world: World, type: EntityType, name: string, values: EntityChange["values"]): Section {
  const { notificationEndpoints, matchers } = world.state.sections;
  if (name in notificationEndpoints || name in matchers) {
    throw new ApiError(400, `Cannot create '${name}', an entity with the same name already exists`);
  }
  const entity = { type, ...toLines(values), origin: "user-created" };
  fileOf(world, type)[name] = entity;
  return entity;
}

/**
 * Changes an entity: first what is to be deleted, then what is to be set.
 * @throws {ApiError} 404 where it is not there, 400 where the digest is stale
 */
export function updateEntity(world: World, type: EntityType, name: string, change: EntityChange): Section {
  if (change.digest !== undefined && change.digest !== notificationDigest(world)) {
    throw new ApiError(400, "detected modified configuration - file changed by other user? Try again.");
  }
  const entity = findEntity(world, type, name);
  for (const setting of change.delete ?? []) {
    if (!kinds[type].deletable.includes(setting)) {
      const known = kinds[type].deletable.map((option) => `\`${option}\``).join(", ");
      throw new ApiError(500, `unknown variant \`${setting}\`, expected one of ${known}`);
    }
    Reflect.deleteProperty(entity, setting);
  }
  for (const [setting, text] of Object.entries(toLines(change.values))) entity[setting] = text;
  if (name in builtIn) entity["origin"] = isAsBuilt(name, entity) ? "builtin" : "modified-builtin";
  return entity;
}

/**
 * Deletes an entity; one that Proxmox comes with is only set back.
 * @throws {ApiError} 404 where it is not there, 400 where a matcher still uses it
 */
export function deleteEntity(world: World, type: EntityType, name: string): void {
  findEntity(world, type, name);
  const original = builtIn[name];
  if (original !== undefined) {
    fileOf(world, type)[name] = { ...original };
    return;
  }
  const users = entitiesOf(world, "matcher").filter(([, { target = "" }]) => target.split("\n").includes(name));
  if (users.length > 0) {
    throw new ApiError(400, `cannot delete '${name}', referenced by: ${users.map(([id]) => id).join(", ")}`);
  }
  Reflect.deleteProperty(fileOf(world, type), name);
}

/** The SHA-256 that guards notifications.cfg. */
export function notificationDigest({ state }: World): string {
  const { notificationEndpoints, matchers } = state.sections;
  return createHash("sha256")
    .update(JSON.stringify([notificationEndpoints, matchers]))
    .digest("hex");
}

function fileOf({ state }: World, type: EntityType): Sections {
  return type === "matcher" ? state.sections.matchers : state.sections.notificationEndpoints;
}

function isAsBuilt(name: string, entity: Section): boolean {
  const original = builtIn[name] ?? {};
  const names = new Set([...Object.keys(original), ...Object.keys(entity)]);
  return [...names].every((setting) => setting === "origin" || original[setting] === entity[setting]);
}
