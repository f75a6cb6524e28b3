import { ApiError } from "../api-error.ts";
import { requirePrivileges } from "../access/permissions.ts";
import type { Context } from "../handlers.ts";
import { emptyFirewall, type Firewall, type FirewallRule, type Section } from "../state/cluster.ts";
import type { Level } from "./level.ts";

interface PlainFirewall {
  options: Section;
  rules: FirewallRule[];
}

/** The cluster's firewall. */
export const clusterLevel: Level<object, Firewall> = {
  environment: "cluster",
  read: (_, { world }) => world.state.firewall,
  write: (_, { world }) => world.state.firewall,
};

/** A node's firewall. */
export const nodeLevel: Level<{ readonly node: string }, PlainFirewall> = {
  environment: "host",
  read: ({ node }, { world }) => world.node(node).firewall,
  write: ({ node }, { world }) => world.node(node).firewall,
};

/** A guest's firewall: Proxmox finds its file by the VMID alone, and reads a file that is not there as empty. */
export function guestLevel(
  environment: "ct" | "vm",
): Level<{ readonly node: string; readonly vmid: number }, Firewall> {
  return {
    environment,
    read: ({ vmid }, { world }) => world.state.guests[vmid]?.firewall ?? emptyFirewall(),
    // A real node would write a file for a guest that is not there, too, which nobody has use for.
    write: ({ node, vmid }, { world }) =>
      world.state.guests[vmid]?.firewall ?? world.guest(environment === "ct" ? "lxc" : "qemu", node, vmid).firewall,
  };
}

/** A vnet's firewall, once the vnet is applied. */
export const vnetLevel: Level<{ readonly vnet: string }, PlainFirewall> = {
  environment: "vnet",
  read: ({ vnet }, context) => {
    requireVnet(vnet, context, "SDN.Audit", "SDN.Allocate");
    return context.world.state.sdn.firewalls?.[vnet] ?? { options: {}, rules: [] };
  },
  write: ({ vnet }, context) => {
    requireVnet(vnet, context, "SDN.Allocate");
    const { sdn } = context.world.state;
    return ((sdn.firewalls ??= {})[vnet] ??= { options: {}, rules: [] });
  },
};

function requireVnet(vnet: string, { world, session }: Context, ...privileges: readonly string[]): void {
  const { vnets } = world.state.sdn.running;
  const zone = Object.hasOwn(vnets, vnet) ? vnets[vnet]?.["zone"] : undefined;
  if (zone === undefined)
    throw new ApiError(500, "invalid vnet specified at /usr/share/perl5/PVE/API2/Firewall/Helpers.pm line 54.");
  requirePrivileges(world.state, session.user, `/sdn/zones/${zone}/${vnet}`, privileges, true);
}
