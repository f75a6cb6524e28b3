import type { Inventory } from "../inventory.ts";
import { isExposed, placedGuests, type RuleIssue } from "./rule.ts";

/** A firewall is described for guests that are guarded by one, and an exposed guest publishes something. */
export function checkFirewalls(inventory: Inventory): RuleIssue[] {
  return placedGuests(inventory).flatMap((placed) => {
    const { path, guest } = placed;
    if (guest.firewall !== undefined && !isExposed(placed, inventory.networks[guest.network])) {
      return [
        {
          path: [...path, "firewall"],
          at: "key" as const,
          problem: "Only what stands in the DMZ is guarded: these settings would have no effect.",
          remedy: "Remove them, or set exposure to internet.",
        },
      ];
    }
    if (guest.exposure === "internet" && (guest.firewall?.publish ?? []).length === 0) {
      return [
        {
          path: [...path, "exposure"],
          problem: "It is exposed to the internet, but publishes no port: everything would be dropped.",
          remedy: "List the ports in firewall.publish, such as [80, 443].",
        },
      ];
    }
    return [];
  });
}
