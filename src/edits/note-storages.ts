import type { HomelabPlan } from "../plan/plan.ts";
import type { Built } from "../state/built.ts";

/**
 * Says what becomes of the entries of storages. None of it deletes a file.
 * @param plan after `releaseOrigins`
 */
export function noteStorages(
  { storages }: Pick<HomelabPlan, "storages">,
  { storages: built }: Pick<Built, "storages">,
): string[] {
  return built.flatMap(({ name, type, location, released }) => {
    const wanted = storages.find((storage) => storage.name === name);
    if (released || (wanted !== undefined && wanted.origin !== "create")) return [];
    if (wanted !== undefined) {
      if (wanted.location === location) return [];
      return [
        `The storage ${name} shows ${wanted.location} instead of ${location}. What is at ${location} stays there.`,
      ];
    }
    const renamed = storages.find(
      (storage) =>
        storage.type === type && storage.location === location && !built.some((other) => other.name === storage.name),
    );
    if (renamed !== undefined)
      return [
        `The storage ${renamed.name} shows ${location}, as ${name} did: the files there stay, under the new name.`,
      ];
    return [`The entry of the storage ${name} goes from Proxmox VE. What is at ${location} stays there.`];
  });
}
