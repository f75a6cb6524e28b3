import type { BridgePlan } from "../plan/hosts.ts";
import type { Built } from "../state/built.ts";
import { removedBridges } from "./check-removed-bridges.ts";

/** Says what a run does to bridges that guests may be attached to. */
export function noteBridges(bridges: readonly BridgePlan[], built: Pick<Built, "bridges">): string[] {
  const removed = removedBridges(bridges, built).map(
    ({ node, key }) => `The bridge ${key} is deleted on ${node}; no guest is attached to it.`,
  );
  const changed = bridges.flatMap(({ name, node, bridge, origin, ports, vlanAware }) => {
    const there = built.bridges.find((candidate) => candidate.name === name);
    if (origin !== "create" || there === undefined) return [];
    if (there.ports.join() === ports.join() && there.vlanAware === vlanAware) return [];
    const aware =
      there.vlanAware === vlanAware ? "" : ` Restart the guests on it: their VLANs are set up when they start.`;
    return [
      `The network of ${node} is reloaded for its bridge ${bridge}: guests on it are cut off for a moment.${aware}`,
    ];
  });
  return [...removed, ...changed];
}
