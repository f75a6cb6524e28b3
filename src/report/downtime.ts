import type { Change } from "./changes.ts";

/** A guest that a run restarts, and for what. */
export interface Restart {
  readonly guest: string;
  readonly word: string;
  readonly properties: readonly string[];
}

/**
 * What changes while a guest runs on, by its kind: `but` are parts of it that do not. For all else the provider (bpg's
 * 0.111.1) reboots the guest, which for a container's memory Proxmox VE itself would not ask for.
 */
const hot: Readonly<Record<string, { readonly properties: readonly string[]; readonly but: readonly RegExp[] }>> = {
  container: {
    properties: [
      "cpu",
      "description",
      "disk",
      "features",
      "hookScriptFileId",
      "protection",
      "startOnBoot",
      "startup",
      "tags",
    ],
    but: [/^disk\.mountOptions/],
  },
  machine: {
    properties: [
      "cpu.hotplugged",
      "description",
      "disks",
      "hookScriptFileId",
      "hotplug",
      "migrate",
      "name",
      "networkDevices",
      "onBoot",
      "protection",
      "rebootAfterUpdate",
      "smbios",
      "startup",
      "stopOnDestroy",
      "tags",
    ],
    but: [/^disks\[\d+\]\.(?:aio|queues|datastoreId)/],
  },
};

/** Finds the guests that a run restarts by an update; those that are replaced are down anyway. */
export function findRestarts(changes: readonly Change[]): Restart[] {
  return changes
    .filter(({ operation }) => operation === "update")
    .flatMap(({ word, name, properties }) => {
      const cold = properties.map(({ property }) => property).filter((property) => needsRestart(word, property));
      return cold.length === 0 ? [] : [{ guest: name, word, properties: cold }];
    });
}

/** Whether an update of a property restarts the guest, by its kind. */
export function needsRestart(word: string, property: string): boolean {
  return Object.hasOwn(hot, word) && !isHot(word, property);
}

function isHot(word: string, property: string): boolean {
  const { properties = [], but = [] } = hot[word] ?? {};
  if (property.startsWith("timeout")) return true;
  if (but.some((part) => part.test(property))) return false;
  return properties.some((own) => property.startsWith(own) && /^(?:$|[.[])/.test(property.slice(own.length)));
}
