import { ApiError } from "../api-error.ts";
import { splitList } from "../lists.ts";
import { checkDigest, toSection } from "../section-config.ts";
import type { Section, Sections } from "../state/cluster.ts";
import type { World } from "../world.ts";
import type { Kind, Options } from "./kinds.ts";

/** What a change says besides the settings. */
interface Instructions {
  readonly "lock-token"?: string;
  readonly digest?: string;
  readonly delete?: string;
}

const instructions = ["lock-token", "digest", "delete", "type"];

/** The written objects of a kind. */
export function written(world: World, { file }: Kind): Sections {
  return world.state.sdn.configured[file];
}

/**
 * A written object.
 * @throws {ApiError} 500
 */
export function requireObject(world: World, kind: Kind, id: string): Section {
  const sections = written(world, kind);
  const section = Object.hasOwn(sections, id) ? sections[id] : undefined;
  if (section === undefined) throw new ApiError(500, kind.missing(id));
  return section;
}

/**
 * The section of a new object.
 * @throws {ApiError} 500 for settings that its type does not have, or needs
 */
export function newSection(kind: Kind, type: string, parameters: object): Section {
  const values = settingsOf(parameters);
  const options = optionsOf(kind, type);
  refuseUnknown(options, values);
  const missing = Object.keys(options).find((name) => options[name] === true && values[name] === undefined);
  if (missing !== undefined) throw new ApiError(500, `missing value for required option '${missing}'`);
  return { type, ...values };
}

/**
 * Adds an object to what is written.
 * @throws {ApiError} 500 where there is one of that ID
 */
export function addObject(world: World, kind: Kind, id: string, section: Section): void {
  const sections = written(world, kind);
  if (Object.hasOwn(sections, id)) throw new ApiError(500, `sdn ${kind.noun} object ID '${id}' already defined`);
  sections[id] = section;
}

/**
 * Changes a written object, and returns it.
 * @throws {ApiError} 500
 */
export function changeObject(world: World, kind: Kind, id: string, parameters: object & Instructions): Section {
  checkDigest(written(world, kind), parameters.digest);
  const section = requireObject(world, kind, id);
  const options = optionsOf(kind, section["type"] ?? "");
  const values = settingsOf(parameters);
  refuseUnknown(options, values);
  for (const name of splitList(parameters.delete)) {
    if (!Object.hasOwn(options, name)) throw new ApiError(500, `no such option '${name}'`);
    if (options[name] === true) throw new ApiError(500, `unable to delete required option '${name}'`);
    if (name in values) throw new ApiError(500, `cannot set and delete property '${name}' at the same time!`);
    Reflect.deleteProperty(section, name);
  }
  return Object.assign(section, values);
}

/** Removes an object from what is written. */
export function removeObject(world: World, kind: Kind, id: string): void {
  Reflect.deleteProperty(written(world, kind), id);
}

function optionsOf(kind: Kind, type: string): Options {
  const options = kind.types[type];
  if (options === undefined)
    throw new ApiError(501, `the simulator does not know the type '${type}' of an SDN ${kind.noun} yet`);
  return options;
}

function refuseUnknown(options: Options, values: Section): void {
  const unknown = Object.keys(values).find((name) => !Object.hasOwn(options, name));
  if (unknown !== undefined) throw new ApiError(500, `unexpected property '${unknown}'`);
}

function settingsOf(parameters: object): Section {
  const section = toSection(parameters as Readonly<Record<string, unknown>>, instructions);
  // Nodes are kept as a set.
  for (const name of ["nodes", "exitnodes"]) {
    const { [name]: nodes } = section;
    if (nodes !== undefined) section[name] = splitList(nodes).sort().join(",");
  }
  const { "dhcp-range": ranges } = parameters as { "dhcp-range"?: readonly string[] };
  // One line each, as a range has commas of its own.
  if (ranges !== undefined) section["dhcp-range"] = ranges.join("\n");
  return section;
}
