import { ApiError } from "./api-error.ts";
import { facts, type EndpointKey } from "./api/facts.ts";
import { splitList } from "./lists.ts";
import { checkDigest, digestOf } from "./section-config.ts";
import type { Section, SectionFile, Sections } from "./state/cluster.ts";
import type { World } from "./world.ts";

/** What a plugin of PVE::SectionConfig says of a setting; a fixed one is required, and never changes. */
export type SettingRule = "required" | "optional" | "fixed";

/** A configuration file that is nothing but sections of one or more types. */
export interface SectionFormat {
  readonly file: SectionFile;
  /** The settings of each type. */
  readonly types: Readonly<Record<string, Readonly<Record<string, SettingRule>>>>;
  /** Whose parameters say which settings are numbers, and which are lists. */
  readonly endpoint: EndpointKey;
}

/** A change of a section, as a request sends it. */
export interface SectionChange {
  readonly delete?: string | readonly string[] | undefined;
  readonly digest?: string | undefined;
  readonly values: Readonly<Record<string, unknown>>;
}

/** The sections of a file, by ID. */
export function sectionsOf(world: World, { file }: SectionFormat): Sections {
  return world.state.sections[file];
}

/**
 * One section of a file.
 * @param missing what Proxmox says where it is not there
 * @throws {ApiError} 500
 */
export function findSection(world: World, format: SectionFormat, id: string, missing: string): Section {
  const sections = sectionsOf(world, format);
  const section = Object.hasOwn(sections, id) ? sections[id] : undefined;
  if (section === undefined) throw new ApiError(500, missing);
  return section;
}

/**
 * Adds a section, with the checks of PVE::SectionConfig.
 * @throws {ApiError} 500 where a setting is missing, or not one of the type
 */
export function addSection(
  world: World,
  format: SectionFormat,
  id: string,
  type: string,
  values: Readonly<Record<string, unknown>>,
): Section {
  const section = { type, ...toLines(values) };
  checkSettings(format, type, section, true);
  for (const [name, rule] of Object.entries(format.types[type] ?? {})) {
    if (rule !== "optional" && !(name in section)) {
      throw new ApiError(500, `missing value for required option '${name}'`);
    }
  }
  sectionsOf(world, format)[id] = section;
  return section;
}

/**
 * Changes a section: `delete` removes settings, `digest` guards the file, the rest is set.
 * @param missing what Proxmox says where it is not there
 * @throws {ApiError} 500
 */
export function updateSection(
  world: World,
  format: SectionFormat,
  id: string,
  { delete: remove, digest, values }: SectionChange,
  missing: string,
): Section {
  checkDigest(sectionsOf(world, format), digest);
  const section = findSection(world, format, id, missing);
  const { type = "" } = section;
  const changes = toLines(values);
  checkSettings(format, type, changes, false);
  for (const name of typeof remove === "object" ? remove : splitList(remove)) {
    const rule = format.types[type]?.[name];
    if (rule === undefined) throw new ApiError(500, `no such option '${name}'`);
    if (rule !== "optional") throw new ApiError(500, `unable to delete ${rule} option '${name}'`);
    if (name in changes) throw new ApiError(500, `cannot set and delete property '${name}' at the same time!`);
    Reflect.deleteProperty(section, name);
  }
  for (const [name, text] of Object.entries(changes)) section[name] = text;
  return section;
}

/** A section as an answer has it: numbers as numbers, lists as lists. */
export function showSection({ endpoint }: SectionFormat, section: Section): Record<string, string | number | string[]> {
  const { parameters } = facts[endpoint];
  const values: Record<string, string | number | string[]> = {};
  for (const [name, text] of Object.entries(section)) {
    const type = parameters[name]?.type ?? "string";
    if (type === "array") values[name] = text === "" ? [] : text.split("\n");
    else values[name] = type === "string" ? text : Number(text);
  }
  return values;
}

/** The digest over a whole file. */
export function fileDigest(world: World, format: SectionFormat): string {
  return digestOf(sectionsOf(world, format));
}

function checkSettings({ types }: SectionFormat, type: string, settings: Section, creating: boolean): void {
  const rules = types[type] ?? {};
  for (const name of Object.keys(settings)) {
    if (name === "type") continue;
    if (rules[name] === undefined) throw new ApiError(500, `unexpected property '${name}'`);
    if (!creating && rules[name] === "fixed") {
      throw new ApiError(500, `can't change value of fixed parameter '${name}'`);
    }
  }
}

/** Values as such a file has them: booleans as 1 and 0, and a list as one line for each item. */
export function toLines(values: Readonly<Record<string, unknown>>): Section {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, toLine(value)]));
}

function toLine(value: unknown): string {
  if (typeof value === "boolean") return value ? "1" : "0";
  return Array.isArray(value) ? value.map(toLine).join("\n") : String(value);
}
