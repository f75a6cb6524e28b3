import { z } from "zod";
import type { BridgePlan } from "../plan/hosts.ts";
import type { RefusedEdit } from "./edit.ts";

/** GET /nodes/{node}/network */
export const Interfaces = z.array(
  z.object({
    iface: z.string(),
    cidr: z.string().optional(),
    address: z.string().optional(),
    gateway: z.string().optional(),
  }),
);
/** One network interface of a node. */
export type Interface = z.infer<typeof Interfaces>[number];

/**
 * Refuses bridges of ours that carry an address or a gateway on the node: the inventory has no setting for them, so that the
 * provider would take them away, and with them the way to the node.
 */
export function checkBridges(
  bridges: readonly BridgePlan[],
  interfaces: ReadonlyMap<string, readonly Interface[]>,
): RefusedEdit[] {
  return bridges
    .filter(({ origin }) => origin === "create")
    .flatMap(({ node, bridge }): RefusedEdit[] => {
      const found = interfaces.get(node)?.find(({ iface }) => iface === bridge);
      const address = found?.cidr ?? found?.address;
      const carried = [
        ...(address === undefined ? [] : [`the address ${address}`]),
        ...(found?.gateway === undefined ? [] : [`the gateway ${found.gateway}`]),
      ];
      if (carried.length === 0) return [];
      return [
        {
          path: ["nodes", node, "bridges", bridge, "origin"],
          problem: `The bridge ${bridge} of ${node} has ${carried.join(" and ")}. With origin: create the program would take that away, and ${node} could not be reached any more.`,
          remedy: "Write origin: installer: the bridge is checked and stays as it is.",
        },
      ];
    });
}
