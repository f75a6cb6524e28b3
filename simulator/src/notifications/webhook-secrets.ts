import { ApiError } from "../api-error.ts";
import { splitPair } from "./pairs.ts";
import { secretsOf } from "./secrets.ts";
import type { World } from "../world.ts";

/** Which secrets a webhook has: their names, never their values. */
export function secretNames(world: World, name: string): string[] {
  return storedSecrets(world, name).map((text) => `name=${splitPair(text).name}`);
}

/**
 * The secrets that a webhook gets: those that come without a value stay as they are.
 * @throws {ApiError} 400
 */
export function mergeSecrets(world: World, name: string, given: readonly string[]): string[] {
  const stored = storedSecrets(world, name);
  const merged = given.map((text) => {
    const { name: key, value } = splitPair(text);
    if (value !== undefined) {
      if (isBase64(value)) return text;
      throw new ApiError(400, `secret '${key}' does not have valid base64 encoded data`);
    }
    const old = stored.find((secret) => splitPair(secret).name === key);
    if (old === undefined) throw new ApiError(400, `secret '${key}' not known`);
    return old;
  });
  const names = merged.map((text) => splitPair(text).name);
  const twice = names.find((key, index) => names.indexOf(key) !== index);
  if (twice !== undefined) throw new ApiError(400, `secret '${twice}' defined multiple times`);
  return merged;
}

/**
 * Refuses headers without a value that can be sent.
 * @throws {ApiError} 400
 */
export function checkHeaders(headers: readonly string[]): void {
  for (const text of headers) {
    const { name, value } = splitPair(text);
    if (value === undefined) throw new ApiError(400, `header '${name}' has empty value`);
    if (!isBase64(value)) throw new ApiError(400, `header '${name}' does not have valid base64 encoded data`);
  }
}

function storedSecrets(world: World, name: string): string[] {
  const { secret = "" } = secretsOf(world, name);
  return secret === "" ? [] : secret.split("\n");
}

function isBase64(text: string): boolean {
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text);
}
