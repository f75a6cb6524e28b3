import { createHash } from "node:crypto";
import { ApiError, invalidParameters } from "./api-error.ts";
import { facts, type EndpointKey } from "./api/facts.ts";
import { splitList } from "./lists.ts";
import type { Section } from "./state/cluster.ts";

/** What a request says besides the settings themselves. */
interface Change {
  readonly delete?: string | undefined;
  readonly digest?: string | undefined;
}

/** Values of a request as a configuration file has them: everything as text, booleans as 1 and 0. */
export function toSection(values: Readonly<Record<string, unknown>>, except: readonly string[] = []): Section {
  const entries = Object.entries(values).filter(([name, value]) => value !== undefined && !except.includes(name));
  return Object.fromEntries(entries.map(([name, value]) => [name, toText(value)]));
}

/** Values of a configuration file as an answer has them: numbers and booleans as the endpoint's parameters say. */
export function fromSection(section: Section, key: EndpointKey): Record<string, string | number> {
  const { parameters } = facts[key];
  const values = Object.entries(section).map(([name, text]) => {
    const type = (parameters[name] ?? parameters[name.replace(/\d+$/, "[n]")])?.type;
    return [name, type === undefined || type === "string" || type === "array" ? text : Number(text)] as const;
  });
  return Object.fromEntries(values);
}

/** The SHA-1 that guards a configuration file against concurrent changes. */
export function digestOf(file: unknown): string {
  return createHash("sha1").update(JSON.stringify(file)).digest("hex");
}

/**
 * Refuses a change that was made up from an older state of the file.
 * @throws {ApiError} 500
 */
export function checkDigest(file: unknown, digest: string | undefined): void {
  if (digest !== undefined && digest !== digestOf(file)) {
    throw new ApiError(500, "detected modified configuration - file changed by other user? Try again.");
  }
}

/**
 * Applies the parameters of a PUT to a section of a file: `delete` removes settings, `digest` guards, the rest is set.
 * @param except parameters that are no settings, such as the section's ID
 * @throws {ApiError} where the digest is stale, or a setting is both set and deleted
 */
export function changeSection(
  section: Section,
  file: unknown,
  { delete: remove, digest, ...values }: Change & Readonly<Record<string, unknown>>,
  except: readonly string[] = [],
): void {
  checkDigest(file, digest);
  const changes = toSection(values, except);
  for (const name of splitList(remove)) {
    if (name in changes)
      throw invalidParameters({ [name]: `unable to set and delete property '${name}' at the same time!` });
    Reflect.deleteProperty(section, name);
  }
  Object.assign(section, changes);
}

function toText(value: unknown): string {
  if (typeof value === "boolean") return value ? "1" : "0";
  return Array.isArray(value) ? value.map(toText).join(",") : String(value);
}
