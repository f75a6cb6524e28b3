import { sortedSet } from "./sorted.ts";
import type { PlacedStepsPlan, SecretPart } from "./steps.ts";
import type { StoragePlan } from "./storages.ts";

/** Names the secret settings that the stack needs, each with the reason that an error gives. */
export function planSecrets(
  storages: readonly StoragePlan[],
  placed: readonly PlacedStepsPlan[],
): Record<string, string> {
  const ofStorages = storages.flatMap((storage) =>
    storage.type === "cifs" && storage.origin === "create"
      ? [[storage.passwordSecret, `storage.${storage.name} logs in to ${storage.server} with it.`] as const]
      : [],
  );
  const ofSteps = secretParts(placed).map(({ secret, reason }) => [secret, reason] as const);
  return Object.fromEntries([...ofStorages, ...ofSteps]);
}

/** Names those of the secret settings for which a random value will do, sorted. */
export function planGeneratedSecrets(placed: readonly PlacedStepsPlan[]): string[] {
  return sortedSet(secretParts(placed).flatMap(({ secret, generated }) => (generated === true ? [secret] : [])));
}

function secretParts(placed: readonly PlacedStepsPlan[]): SecretPart[] {
  const files = placed.flatMap(({ steps }) => steps.flatMap((step) => step.files));
  return files.flatMap(({ text }) => text.flatMap((part) => (typeof part === "string" ? [] : [part])));
}
