import type { HomelabPlan } from "../plan/plan.ts";
import type { StoragePlan } from "../plan/storages.ts";
import type { BuiltStorage } from "../state/built-places.ts";
import type { Built } from "../state/built.ts";

/**
 * Says what becomes of the entries of storages. None of it deletes a file.
 * @param plan after `releaseOrigins`
 */
export function noteStorages(
  { storages }: Pick<HomelabPlan, "storages">,
  { storages: built }: Pick<Built, "storages">,
): string[] {
  return built.flatMap((there) => {
    const { name, type, location, released } = there;
    const wanted = storages.find((storage) => storage.name === name);
    if (released || (wanted !== undefined && wanted.origin !== "create")) return [];
    if (wanted !== undefined) {
      if (wanted.location === location) return noteMount(wanted, there);
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

/** What a share is mounted with counts from the next mount on, and the provider changes no user name. */
function noteMount(wanted: StoragePlan, { name, options, username }: BuiltStorage): string[] {
  if (wanted.type !== "nfs" && wanted.type !== "cifs") return [];
  if (wanted.type === "cifs" && username !== undefined && wanted.username !== username) {
    return [
      `The entry of the storage ${name} is deleted and created again, because the provider changes no user name. Its files stay.`,
    ];
  }
  if (options === undefined || options === wanted.options) return [];
  return [
    `The storage ${name} is mounted with ${wanted.options} the next time. To mount it again, on each node, while no guest and no backup uses it: umount /mnt/pve/${name}`,
  ];
}
