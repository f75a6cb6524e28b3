import { parse, YAMLParseError } from "yaml";
import type { Keys } from "./keys.ts";

/** What Traefik cannot read, in its words. */
export class ConfigurationError extends Error {}

/**
 * Reads one of Traefik's files, as strictly as Traefik does.
 * @throws {ConfigurationError} for a key that nobody knows, an empty element, or what is no YAML
 */
export function readConfiguration(text: string, keys: Keys): unknown {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new ConfigurationError(`yaml: line ${error.linePos?.[0].line ?? 1}: ${error.code.toLowerCase()}`);
  }
  // What stands at the very top and is unknown is left alone.
  for (const [key, below] of entriesOf(value)) {
    const known = keyOf(keys, key);
    if (known !== undefined) checkKeys(below, known);
  }
  return value;
}

function checkKeys(value: unknown, keys: Keys): void {
  if (Array.isArray(value)) {
    for (const item of value) checkKeys(item, keys);
    return;
  }
  if (keys === null) return;
  for (const [key, below] of entriesOf(value)) {
    const known = keyOf(keys, key);
    if (known === undefined) throw new ConfigurationError(`field not found, node: ${key}`);
    if (isEmpty(below) && known !== null && Object.hasOwn(known, "*"))
      throw new ConfigurationError(`${key} cannot be a standalone element`);
    checkKeys(below, known);
  }
}

/** Traefik does not tell capitals apart. */
function keyOf(keys: Keys, key: string): Keys | undefined {
  if (keys === null) return null;
  const name = Object.keys(keys).find((known) => known === "*" || known.toLowerCase() === key.toLowerCase());
  return name === undefined ? undefined : keys[name];
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}
