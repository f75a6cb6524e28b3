import { facts } from "../api/facts.ts";
import type { ParameterTable } from "../check-parameters.ts";
import type { Handlers } from "../handlers.ts";
import { splitList } from "../lists.ts";
import { parsePropertyString } from "../property-string.ts";
import { changeSection, digestOf } from "../section-config.ts";
import type { Session } from "../state/access.ts";
import type { World } from "../world.ts";

const { parameters } = facts["PUT /cluster/options"];

/** datacenter.cfg: https://pve.proxmox.com/wiki/Manual:_datacenter.cfg */
export const clusterOptionHandlers: Handlers = {
  "GET /cluster/options": (_parameters, { world, session }) => ({
    ...(world.may(session, "/", "Sys.Audit")
      ? { ...showOptions(world), digest: digestOf(world.state.datacenter) }
      : {}),
    ...(world.may(session, "/", "Sys.Audit") ? {} : showOptions(world, ["console", "tag-style"])),
    "allowed-tags": allowedTags(world, session),
  }),
  "PUT /cluster/options": (change, { world }) => {
    changeSection(world.state.datacenter, world.state.datacenter, change);
    return null;
  },
};

/** The keys of an option that is a property string. */
export function optionsOf({ state }: World, name: string): Readonly<Record<string, string>> {
  const text = state.datacenter[name];
  const format = formatOf(name);
  if (text === undefined || format === undefined) return {};
  const parsed = parsePropertyString(format, text);
  return typeof parsed === "string" ? {} : parsed;
}

function formatOf(name: string): ParameterTable | undefined {
  const format = parameters[name]?.format;
  return typeof format === "object" ? format : undefined;
}

function showOptions(world: World, only?: readonly string[]): Record<string, unknown> {
  const options = Object.entries(world.state.datacenter).filter(([name]) => only === undefined || only.includes(name));
  return Object.fromEntries(options.map(([name, text]) => [name, showOption(world, name, text)]));
}

/** As PVE::DataCenterConfig reads it: property strings come apart, but not the oldest of them. */
function showOption(world: World, name: string, text: string): unknown {
  if (name === "description") return text.endsWith("\n") ? text : `${text}\n`;
  if (name === "registered-tags") return splitList(text).sort();
  if (name === "console" && text === "applet") return "html5";
  const type = parameters[name]?.type ?? "string";
  if (type !== "string") return Number(text);
  const format = formatOf(name);
  if (format === undefined || name === "bwlimit") return text;
  const keys = Object.entries(optionsOf(world, name)).map(([key, value]) => {
    if (key === "user-allow-list") return [key, splitList(value).sort()] as const;
    return [key, format[key]?.type === "boolean" ? toFlag(value) : value] as const;
  });
  return Object.fromEntries(keys);
}

function toFlag(text: string): 0 | 1 {
  return /^(1|on|yes|true)$/i.test(text) ? 1 : 0;
}

/** The tags that one may set on guests: PVE::GuestHelpers::get_allowed_tags. */
function allowedTags(world: World, session: Session): string[] {
  const access = optionsOf(world, "user-tag-access");
  const allow = access["user-allow"] ?? "free";
  const listed = allow === "list" || allow === "existing" ? splitList(access["user-allow-list"]) : [];
  const existing = allow === "free" || allow === "existing" ? existingTags(world, session) : [];
  return [...new Set([...splitList(world.state.datacenter["registered-tags"]), ...listed, ...existing])].sort();
}

function existingTags(world: World, session: Session): string[] {
  return Object.values(world.state.guests)
    .filter(({ vmid }) => world.may(session, `/vms/${vmid}`, "VM.Audit"))
    .flatMap(({ config }) => splitList(config["tags"]));
}
