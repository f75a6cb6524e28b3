import { invalidParameters } from "../api-error.ts";
import type { Handlers } from "../handlers.ts";
import { addObject, changeObject, newSection, removeObject, requireObject } from "../sdn/changes.ts";
import { subnetKind, vnetKind } from "../sdn/kinds.ts";
import { underLock } from "../sdn/lock.ts";
import { checkSubnet, dhcpRangesOf, networkOf } from "../sdn/subnet-checks.ts";
import { describeObject, seenBy, seenObject, type Seen, type View } from "../sdn/views.ts";
import { requireVnet } from "../sdn/vnet-checks.ts";
import type { World } from "../world.ts";

/** Subnets of vnets. */
export const sdnSubnetHandlers: Handlers = {
  "GET /cluster/sdn/vnets/{vnet}/subnets": ({ vnet, ...view }, context) => {
    requireVnet(context, vnet, "SDN.Audit", "SDN.Allocate");
    return [...seenBy(context.world, subnetKind, view)]
      .filter(([, { section }]) => section["vnet"] === vnet)
      .map(([id, seen]) => describeSubnet(context.world, view, id, seen));
  },
  "POST /cluster/sdn/vnets/{vnet}/subnets": ({ subnet, type, ...settings }, context) => {
    const { world } = context;
    const { vnet } = settings;
    requireVnet(context, vnet, "SDN.Allocate");
    underLock(world, "create sdn subnet object failed", settings["lock-token"], () => {
      const { zone = "" } = requireObject(world, vnetKind, vnet);
      const id = `${zone}-${subnet.replace("/", "-")}`;
      const section = newSection(subnetKind, type, settings);
      addObject(world, subnetKind, id, section);
      checkSubnet(world, id, section);
    });
    return null;
  },
  "GET /cluster/sdn/vnets/{vnet}/subnets/{subnet}": ({ vnet, subnet, ...view }, context) => {
    requireVnet(context, vnet, "SDN.Audit", "SDN.Allocate");
    const seen = seenObject(context.world, subnetKind, view, subnet);
    if (seen.section["vnet"] !== vnet) throw invalidParameters({ vnet: "wrong vnet" });
    return describeSubnet(context.world, view, subnet, seen);
  },
  "PUT /cluster/sdn/vnets/{vnet}/subnets/{subnet}": ({ subnet, ...settings }, context) => {
    const { world } = context;
    requireVnet(context, settings.vnet ?? "", "SDN.Allocate");
    underLock(world, "update sdn subnet object failed", settings["lock-token"], () => {
      checkSubnet(world, subnet, changeObject(world, subnetKind, subnet, settings));
    });
    return null;
  },
  "DELETE /cluster/sdn/vnets/{vnet}/subnets/{subnet}": ({ vnet, subnet, "lock-token": token }, context) => {
    requireVnet(context, vnet, "SDN.Allocate");
    underLock(context.world, "delete sdn subnet object failed", token, () => {
      removeObject(context.world, subnetKind, subnet);
    });
    return null;
  },
};

function describeSubnet(world: World, view: View, id: string, seen: Seen): Record<string, unknown> {
  const { pending } = seen;
  const described = describeObject(world, subnetKind, view, id, seen);
  return {
    ...described,
    id,
    ...networkOf(id),
    "dhcp-range": dhcpRangesOf(seen.section),
    ...(pending?.["dhcp-range"] === undefined
      ? {}
      : { pending: { ...(described["pending"] as object), "dhcp-range": pending["dhcp-range"].split("\n") } }),
  };
}
