import type { Origin } from "../plan/hosts.ts";
import type { HomelabPlan } from "../plan/plan.ts";
import type { Built } from "../state/built.ts";

/**
 * Lets go of what the stack has created or imported, and what the inventory says now is the installer's: one run notes that it is to
 * stay, the next one forgets it. Otherwise the engine would delete it.
 */
export function releaseOrigins(plan: HomelabPlan, { storages, bridges }: Built): HomelabPlan {
  return {
    ...plan,
    storages: plan.storages.map((storage) => ({ ...storage, origin: originOf(storage, storages) })),
    nodes: plan.nodes.map((node) => ({
      ...node,
      bridges: node.bridges.map((bridge) => ({ ...bridge, origin: originOf(bridge, bridges) })),
    })),
  };
}

/**
 * Says what a run lets go of or forgets.
 * @param plan after `releaseOrigins`
 */
export function noteReleases({ storages, nodes }: HomelabPlan, built: Built): string[] {
  const places = [
    ...storages.map(({ name, origin }) => ({ what: `the storage ${name}`, origin, there: built.storages, name })),
    ...nodes.flatMap(({ name: node, bridges }) => [
      ...bridges.map(({ name, bridge, origin }) => ({
        ...{ what: `the bridge ${bridge} of ${node}`, origin, there: built.bridges, name },
      })),
    ]),
  ];
  return places.flatMap(({ what, origin, there, name }) => {
    if (origin === "release") return [`The stack lets go of ${what}: it stays as it is, and the next run forgets it.`];
    const released = origin === "installer" && there.some((built) => built.name === name && built.released);
    return released ? [`The state forgets ${what}: nothing is deleted, it stays as it is.`] : [];
  });
}

function originOf(
  { name, origin }: { readonly name: string; readonly origin: Origin },
  there: readonly { readonly name: string; readonly released: boolean }[],
): Origin {
  if (origin === "create") return origin;
  return there.some((built) => built.name === name && !built.released) ? "release" : "installer";
}
