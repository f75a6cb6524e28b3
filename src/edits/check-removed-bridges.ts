import { z } from "zod";
import type { BridgePlan } from "../plan/hosts.ts";
import type { ExistingGuest } from "../proxmox/answers.ts";
import type { BuiltBridge } from "../state/built-places.ts";
import type { Built } from "../state/built.ts";
import { carriedBy, type Interface } from "./check-bridges.ts";
import type { RefusedEdit } from "./edit.ts";

/** GET /nodes/{node}/{lxc|qemu}/{vmid}/config: its network interfaces are texts, `net0` and so on. */
export const GuestConfig = z.record(z.string(), z.unknown());

/** The bridges of the state that the inventory lacks, and that a run would delete. */
export function removedBridges(
  bridges: readonly BridgePlan[],
  { bridges: built }: Pick<Built, "bridges">,
): BuiltBridge[] {
  return built.filter(({ name, released }) => !released && !bridges.some((wanted) => wanted.name === name));
}

/** What removed bridges are judged by. */
export interface RemovedBridgeFacts {
  readonly bridges: readonly BridgePlan[];
  readonly built: Built;
  readonly interfaces: ReadonlyMap<string, readonly Interface[]>;
  /** The guests of others on their nodes, each with its configuration. */
  readonly others: readonly (ExistingGuest & { readonly config: Readonly<Record<string, unknown>> })[];
}

/** Refuses to delete a bridge that guests are attached to, that is under a new name, or that leads to the node itself. */
export function checkRemovedBridges({ bridges, built, interfaces, others }: RemovedBridgeFacts): RefusedEdit[] {
  return removedBridges(bridges, built).flatMap((bridge): RefusedEdit[] => {
    const { node, key } = bridge;
    const path = ["nodes", node, "bridges", key];
    const renamed = bridges.find(
      (wanted) =>
        wanted.node === node &&
        !built.bridges.some(({ name }) => name === wanted.name) &&
        wanted.ports.some((port) => bridge.ports.includes(port)),
    );
    if (renamed !== undefined) {
      return [
        {
          path: ["nodes", node, "bridges", renamed.bridge],
          at: "key",
          problem: `${renamed.bridge} has the ports of ${key}, which the inventory lacks: a new name for it. Proxmox VE renames no bridge, and a port belongs to one bridge.`,
          remedy: `Keep the key ${key}.`,
        },
      ];
    }
    const attached = guestsOn(bridge, built, others);
    const own = (interfaces.get(node) ?? []).filter(
      ({ iface, "vlan-raw-device": device }) => iface === key || device === key || iface.startsWith(`${key}.`),
    );
    const carried = own.flatMap(carriedBy);
    if (attached.length === 0 && carried.length === 0) return [];
    const needs = [
      ...(attached.length === 0
        ? []
        : [`${attached.join(", ")} ${attached.length === 1 ? "is" : "are"} attached to it`]),
      ...(carried.length === 0 ? [] : [`it carries ${carried.join(" and ")} of the node`]),
    ];
    return [
      {
        path,
        problem: `The bridge ${key} is not in the inventory any more, and would be deleted on ${node}: ${needs.join(", and ")}.`,
        remedy:
          carried.length === 0
            ? `Put the entry back. First move these guests to another bridge or network and run npm run up; then remove the entry.`
            : `Put the entry back, with origin: installer: the next two runs let go of it, and it stays as it is.`,
      },
    ];
  });
}

function guestsOn({ node, key }: BuiltBridge, { guests }: Built, others: RemovedBridgeFacts["others"]): string[] {
  const own = guests.filter((guest) => guest.node === node && guest.settings.bridge === key).map(({ name }) => name);
  const foreign = others
    .filter(({ node: there, config }) => there === node && isAttached(config, key))
    .map(({ name, vmid }) => `${name ?? "a guest"} (VMID ${vmid})`);
  return [...own, ...foreign];
}

function isAttached(config: Readonly<Record<string, unknown>>, bridge: string): boolean {
  return Object.entries(config).some(
    ([key, value]) =>
      /^net\d+$/.test(key) && typeof value === "string" && value.split(",").includes(`bridge=${bridge}`),
  );
}
