import type { Context, Handlers } from "../handlers.ts";
import { aliasHandlers } from "../firewall/alias-handlers.ts";
import { groupHandlers, groupLevel } from "../firewall/group-handlers.ts";
import { ipSetHandlers } from "../firewall/ipset-handlers.ts";
import { clusterLevel, guestLevel, nodeLevel, vnetLevel } from "../firewall/levels.ts";
import { macros } from "../firewall/macros.ts";
import { mount } from "../firewall/mount.ts";
import { referencesTo, vnetIpSets, type Reference } from "../firewall/names.ts";
import { optionHandlers } from "../firewall/option-handlers.ts";
import { ruleHandlers } from "../firewall/rule-handlers.ts";

const container = guestLevel("ct");
const machine = guestLevel("vm");

/** The firewalls of the cluster, its nodes, guests and vnets: https://pve.proxmox.com/wiki/Firewall */
export const firewallHandlers: Handlers = {
  ...mount("/cluster/firewall/aliases", aliasHandlers(clusterLevel)),
  ...mount("/cluster/firewall/groups/{group}", ruleHandlers(groupLevel)),
  ...mount("/cluster/firewall/ipset", ipSetHandlers(clusterLevel)),
  ...mount("/cluster/firewall/options", optionHandlers("/cluster/firewall/options", clusterLevel)),
  ...mount("/cluster/firewall/rules", ruleHandlers(clusterLevel)),
  ...groupHandlers,
  "GET /cluster/firewall/macros": () => macros.map(({ name, description }) => ({ macro: name, descr: description })),
  "GET /cluster/firewall/refs": ({ type }, context) => ofType(type, clusterReferences(context)),

  ...mount("/nodes/{node}/firewall/options", optionHandlers("/nodes/{node}/firewall/options", nodeLevel)),
  ...mount("/nodes/{node}/firewall/rules", ruleHandlers(nodeLevel)),
  "GET /nodes/{node}/firewall/log": () => emptyLog(),

  ...mount("/nodes/{node}/lxc/{vmid}/firewall/aliases", aliasHandlers(container)),
  ...mount("/nodes/{node}/lxc/{vmid}/firewall/ipset", ipSetHandlers(container)),
  ...mount(
    "/nodes/{node}/lxc/{vmid}/firewall/options",
    optionHandlers("/nodes/{node}/lxc/{vmid}/firewall/options", container),
  ),
  ...mount("/nodes/{node}/lxc/{vmid}/firewall/rules", ruleHandlers(container)),
  "GET /nodes/{node}/lxc/{vmid}/firewall/log": () => emptyLog(),
  "GET /nodes/{node}/lxc/{vmid}/firewall/refs": ({ type, ...target }, context) =>
    ofType(type, [...clusterReferences(context), ...referencesTo(container.read(target, context), "guest")]),

  ...mount("/nodes/{node}/qemu/{vmid}/firewall/aliases", aliasHandlers(machine)),
  ...mount("/nodes/{node}/qemu/{vmid}/firewall/ipset", ipSetHandlers(machine)),
  ...mount(
    "/nodes/{node}/qemu/{vmid}/firewall/options",
    optionHandlers("/nodes/{node}/qemu/{vmid}/firewall/options", machine),
  ),
  ...mount("/nodes/{node}/qemu/{vmid}/firewall/rules", ruleHandlers(machine)),
  "GET /nodes/{node}/qemu/{vmid}/firewall/log": () => emptyLog(),
  "GET /nodes/{node}/qemu/{vmid}/firewall/refs": ({ type, ...target }, context) =>
    ofType(type, [...clusterReferences(context), ...referencesTo(machine.read(target, context), "guest")]),

  ...mount(
    "/cluster/sdn/vnets/{vnet}/firewall/options",
    optionHandlers("/cluster/sdn/vnets/{vnet}/firewall/options", vnetLevel),
  ),
  ...mount("/cluster/sdn/vnets/{vnet}/firewall/rules", ruleHandlers(vnetLevel)),
};

function clusterReferences(context: Context): Reference[] {
  return [...referencesTo(context.world.state.firewall, "dc"), ...vnetIpSets(context)];
}

function ofType(type: Reference["type"] | undefined, references: readonly Reference[]): Reference[] {
  return references.filter((reference) => type === undefined || reference.type === type);
}

/** Nothing is ever logged here, for which Proxmox has a line of its own. */
function emptyLog(): { n: number; t: string }[] {
  return [{ n: 1, t: "no content" }];
}
