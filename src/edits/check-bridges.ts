import { z } from "zod";
import type { BridgePlan } from "../plan/hosts.ts";
import type { RefusedEdit } from "./edit.ts";

/** GET /nodes/{node}/network */
export const Interfaces = z.array(
  z.object({
    iface: z.string(),
    type: z.string().optional(),
    cidr: z.string().optional(),
    address: z.string().optional(),
    gateway: z.string().optional(),
    cidr6: z.string().optional(),
    address6: z.string().optional(),
    gateway6: z.string().optional(),
    "vlan-raw-device": z.string().optional(),
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
      const carried = carriedBy(interfaces.get(node)?.find(({ iface }) => iface === bridge));
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

/** The addresses and gateways of the node that an interface has, each for a sentence. */
export function carriedBy(found: Interface | undefined): string[] {
  if (found === undefined) return [];
  const addresses = [found.cidr ?? found.address, found.cidr6 ?? found.address6];
  const gateways = [found.gateway, found.gateway6];
  const named = (what: string, values: readonly (string | undefined)[]) =>
    values.flatMap((value) => (value === undefined ? [] : [`the ${what} ${value}`]));
  return [...named("address", addresses), ...named("gateway", gateways)];
}
