import type { PlacedStepsPlan } from "./steps.ts";
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
  const ofSteps = placed.flatMap(({ steps }) =>
    steps.flatMap(({ files }) =>
      files.flatMap(({ text }) =>
        text.flatMap((part) => (typeof part === "string" ? [] : [[part.secret, part.reason] as const])),
      ),
    ),
  );
  return Object.fromEntries([...ofStorages, ...ofSteps]);
}
