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
  type EntityChange,
  type EntityType,
} from "../notifications/entities.ts";
import { forgetSecrets, setApart } from "../notifications/secrets.ts";
import { checkHeaders, mergeSecrets, secretNames } from "../notifications/webhook-secrets.ts";
import type { Section } from "../state/cluster.ts";
import type { World } from "../world.ts";

type Target = Exclude<EntityType, "matcher">;

/** Where notifications go: https://pve.proxmox.com/wiki/Notifications */
export const notificationEndpointHandlers: Handlers = {
  "GET /cluster/notifications/endpoints/gotify": (_parameters, { world }) =>
    listEndpoints(world, "gotify") as Returns<"GET /cluster/notifications/endpoints/gotify">,
  "GET /cluster/notifications/endpoints/sendmail": (_parameters, { world }) =>
    listEndpoints(world, "sendmail") as Returns<"GET /cluster/notifications/endpoints/sendmail">,
  "GET /cluster/notifications/endpoints/smtp": (_parameters, { world }) =>
    listEndpoints(world, "smtp") as Returns<"GET /cluster/notifications/endpoints/smtp">,
  "GET /cluster/notifications/endpoints/webhook": (_parameters, { world }) =>
    listEndpoints(world, "webhook") as Returns<"GET /cluster/notifications/endpoints/webhook">,
  "GET /cluster/notifications/endpoints/gotify/{name}": ({ name }, { world }) =>
    showEndpoint(world, "gotify", name) as Returns<"GET /cluster/notifications/endpoints/gotify/{name}">,
  "GET /cluster/notifications/endpoints/sendmail/{name}": ({ name }, { world }) =>
    showEndpoint(world, "sendmail", name) as Returns<"GET /cluster/notifications/endpoints/sendmail/{name}">,
  "GET /cluster/notifications/endpoints/smtp/{name}": ({ name }, { world }) =>
    showEndpoint(world, "smtp", name) as Returns<"GET /cluster/notifications/endpoints/smtp/{name}">,
  "GET /cluster/notifications/endpoints/webhook/{name}": ({ name }, { world }) =>
    showEndpoint(world, "webhook", name) as Returns<"GET /cluster/notifications/endpoints/webhook/{name}">,
  "POST /cluster/notifications/endpoints/gotify": ({ name, ...values }, { world }) =>
    addEndpoint(world, "gotify", name, values),
  "POST /cluster/notifications/endpoints/sendmail": ({ name, ...values }, { world }) =>
    addEndpoint(world, "sendmail", name, values),
  "POST /cluster/notifications/endpoints/smtp": ({ name, ...values }, { world }) =>
    addEndpoint(world, "smtp", name, values),
  "POST /cluster/notifications/endpoints/webhook": ({ name, ...values }, { world }) =>
    addEndpoint(world, "webhook", name, values),
  "PUT /cluster/notifications/endpoints/gotify/{name}": ({ name, delete: remove, digest, ...values }, { world }) =>
    updateEndpoint(world, "gotify", name, { delete: remove, digest, values }),
  "PUT /cluster/notifications/endpoints/sendmail/{name}": ({ name, delete: remove, digest, ...values }, { world }) =>
    updateEndpoint(world, "sendmail", name, { delete: remove, digest, values }),
  "PUT /cluster/notifications/endpoints/smtp/{name}": ({ name, delete: remove, digest, ...values }, { world }) =>
    updateEndpoint(world, "smtp", name, { delete: remove, digest, values }),
  "PUT /cluster/notifications/endpoints/webhook/{name}": ({ name, delete: remove, digest, ...values }, { world }) =>
    updateWebhook(world, name, { delete: remove, digest, values }),
  "DELETE /cluster/notifications/endpoints/gotify/{name}": ({ name }, { world }) =>
    deleteEndpoint(world, "gotify", name),
  "DELETE /cluster/notifications/endpoints/sendmail/{name}": ({ name }, { world }) =>
    deleteEndpoint(world, "sendmail", name),
  "DELETE /cluster/notifications/endpoints/smtp/{name}": ({ name }, { world }) => deleteEndpoint(world, "smtp", name),
  "DELETE /cluster/notifications/endpoints/webhook/{name}": ({ name }, { world }) =>
    deleteEndpoint(world, "webhook", name),
};

/** What is kept apart from a target of each type. */
const secretSettings: Readonly<Record<Target, readonly string[]>> = {
  gotify: ["token"],
  sendmail: [],
  smtp: ["password"],
  webhook: ["secret"],
};

function listEndpoints(world: World, type: Target): unknown[] {
  return entitiesOf(world, type).map(([name, entity]) => describeEndpoint(world, type, name, entity));
}

function showEndpoint(world: World, type: Target, name: string): Record<string, unknown> {
  const entity = findEntity(world, type, name);
  return { ...describeEndpoint(world, type, name, entity), digest: notificationDigest(world) };
}

function describeEndpoint(world: World, type: Target, name: string, entity: Section): Record<string, unknown> {
  const secret = type === "webhook" ? { secret: secretNames(world, name) } : {};
  return { ...describeEntity(type, name, entity), ...secret };
}

function addEndpoint(world: World, type: Target, name: string, values: EntityChange["values"]): null {
  const entity = addEntity(world, type, name, values);
  requireRecipient(type, entity);
  setApart(world, name, entity, secretSettings[type]);
  return null;
}

function updateEndpoint(world: World, type: Target, name: string, change: EntityChange): null {
  const entity = updateEntity(world, type, name, change);
  requireRecipient(type, entity);
  const settings = secretSettings[type];
  forgetSecrets(
    world,
    name,
    settings.filter((setting) => change.delete?.includes(setting)),
  );
  setApart(world, name, entity, settings);
  return null;
}

function updateWebhook(world: World, name: string, { delete: remove, digest, values }: EntityChange): null {
  const { secret, header } = values as { secret?: readonly string[]; header?: readonly string[] };
  if (header !== undefined) checkHeaders(header);
  const merged = secret === undefined ? {} : { secret: mergeSecrets(world, name, secret) };
  return updateEndpoint(world, "webhook", name, { delete: remove, digest, values: { ...values, ...merged } });
}

function deleteEndpoint(world: World, type: Target, name: string): null {
  deleteEntity(world, type, name);
  forgetSecrets(world, name);
  return null;
}

function requireRecipient(type: Target, entity: Section): void {
  if (type !== "sendmail" && type !== "smtp") return;
  if (entity["mailto"] !== undefined || entity["mailto-user"] !== undefined) return;
  throw new ApiError(400, "must at least provide one recipient, either in mailto or in mailto-user");
}
