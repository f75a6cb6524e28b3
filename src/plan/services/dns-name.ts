import type { Inventory } from "../../inventory/inventory.ts";

/** The name in DNS by which something is reached: `grafana.home.example.net`. In lower case, as browsers and certificates have it. */
export function dnsName(name: string, { services }: Pick<Inventory, "services">): string {
  return `${name.toLowerCase()}.${services.domain}`;
}
