import { isIPv6 } from "node:net";
import type { Context, Returns } from "../handlers.ts";
import type { World } from "../world.ts";
import type { KnownNames } from "./check-rule.ts";
import type { Names } from "./level.ts";

/** What may be referred to, of one scope. */
export type Reference = Returns<"GET /cluster/firewall/refs">[number];

/** What rules may refer to: the names of the cluster, of the guest that they are for, and of applied vnets. */
export function knownNames(context: Context, own: Partial<Names>): KnownNames {
  const { firewall } = context.world.state;
  const { aliases = {}, ipsets = {} } = own;
  const vnets = vnetIpSets(context).map(({ name }) => name);
  return {
    hasIpSet: (name) => Object.hasOwn(firewall.ipsets, name) || Object.hasOwn(ipsets, name) || vnets.includes(name),
    aliasVersion: (name, scope) => {
      const ofGuest = Object.hasOwn(aliases, name) ? aliases[name] : undefined;
      const ofCluster = Object.hasOwn(firewall.aliases, name) ? firewall.aliases[name] : undefined;
      const alias = (scope === "dc/" ? undefined : ofGuest) ?? ofCluster ?? ofGuest;
      return alias === undefined ? undefined : versionOf(alias.cidr);
    },
  };
}

/** The IP version of an address or network. */
export function versionOf(cidr: string): 4 | 6 {
  return isIPv6(cidr.split("/")[0] ?? "") ? 6 : 4;
}

/** The names of one scope as references. */
export function referencesTo({ aliases, ipsets }: Names, scope: "dc" | "guest"): Reference[] {
  const describe = (type: Reference["type"], name: string, comment: string | undefined): Reference => ({
    type,
    name,
    ref: type === "ipset" ? `+${name}` : name,
    scope,
    ...(comment === undefined ? {} : { comment }),
  });
  return [
    ...Object.entries(ipsets).map(([name, { comment }]) => describe("ipset", name, comment)),
    ...Object.entries(aliases).map(([name, { comment }]) => describe("alias", name, comment)),
  ];
}

/** The sets that Proxmox makes of each applied vnet that the user may see. */
export function vnetIpSets({ world, session }: Context): Reference[] {
  const visible = Object.entries(world.state.sdn.running.vnets).filter(([vnet, { zone = "" }]) =>
    world.may(session, `/sdn/zones/${zone}/${vnet}`, "SDN.Audit", "SDN.Allocate"),
  );
  return visible.flatMap(([vnet]) =>
    [
      ["all", `All subnets of VNet ${vnet}`],
      ["gateway", `All gateways of VNet ${vnet}`],
      ["no-gateway", `All subnets of VNet ${vnet}, excluding gateways`],
      ["dhcp", `DHCP ranges of VNet ${vnet}`],
    ].map(([suffix = "", comment = ""]) => {
      const name = `${vnet}-${suffix}`;
      return { type: "ipset" as const, name, ref: `+${name}`, scope: "sdn" as const, comment };
    }),
  );
}

/** Whether an entry of a set can name an alias: of its guest, or of the cluster. */
export function hasAlias(world: World, own: Names, name: string, scope: string): boolean {
  const { firewall } = world.state;
  const key = name.toLowerCase();
  const isOwn = own !== firewall && scope !== "dc/" && Object.hasOwn(own.aliases, key);
  return isOwn || (scope !== "guest/" && Object.hasOwn(firewall.aliases, key));
}
