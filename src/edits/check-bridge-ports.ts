import type { BridgePlan } from "../plan/hosts.ts";
import type { Built } from "../state/built.ts";
import type { RefusedEdit } from "./edit.ts";

/** Refuses to take the last port from a bridge: the provider leaves an empty list unsaid, so that the bridge would keep its port. */
export function checkBridgePorts(bridges: readonly BridgePlan[], built: Pick<Built, "bridges">): RefusedEdit[] {
  return bridges.flatMap(({ name, node, bridge, origin, ports }): RefusedEdit[] => {
    const there = built.bridges.find((own) => own.name === name)?.ports ?? [];
    if (origin !== "create" || ports.length > 0 || there.length === 0) return [];
    return [
      {
        path: ["nodes", node, "bridges", bridge, "ports"],
        problem: `The bridge ${bridge} of ${node} has the port ${there.join(", ")}, and the provider cannot take its last port away.`,
        remedy: `Write the port again. To take it away, edit ${bridge} in Proxmox VE (${node} > System > Network), apply that, and then run npm run pulumi -- refresh.`,
      },
    ];
  });
}
