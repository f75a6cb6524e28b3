import type { StoragePlan } from "./storages.ts";

/** Names the secret settings that the stack needs, each with the reason that an error gives. */
export function planSecrets(storages: readonly StoragePlan[]): Record<string, string> {
  return Object.fromEntries(
    storages.flatMap((storage) =>
      storage.type === "cifs" && storage.origin === "create"
        ? [[storage.passwordSecret, `storage.${storage.name} logs in to ${storage.server} with it.`]]
        : [],
    ),
  );
}
