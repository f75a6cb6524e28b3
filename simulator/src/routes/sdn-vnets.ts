import { invalidParameters } from "../api-error.ts";
import type { Handlers } from "../handlers.ts";
import { addObject, changeObject, newSection, removeObject, requireObject } from "../sdn/changes.ts";
import { vnetKind } from "../sdn/kinds.ts";
import { underLock } from "../sdn/lock.ts";
import { describeObject, seenBy, seenObject } from "../sdn/views.ts";
import { checkVnet, requireVnet, subnetsOf } from "../sdn/vnet-checks.ts";

/** Vnets. */
export const sdnVnetHandlers: Handlers = {
  "GET /cluster/sdn/vnets": (view, { world, session }) =>
    [...seenBy(world, vnetKind, view)]
      .filter(([id, { section, pending }]) => {
        const zone = section["zone"] ?? pending?.["zone"] ?? "";
        return world.may(session, `/sdn/zones/${zone}/${id}`, "SDN.Audit", "SDN.Allocate");
      })
      .map(([id, seen]) => describeObject(world, vnetKind, view, id, seen)),
  "POST /cluster/sdn/vnets": ({ vnet, ...settings }, { world }) => {
    underLock(world, "create sdn vnet object failed", settings["lock-token"], () => {
      const section = newSection(vnetKind, "vnet", settings);
      addObject(world, vnetKind, vnet, section);
      checkVnet(world, vnet, section);
    });
    return null;
  },
  "GET /cluster/sdn/vnets/{vnet}": ({ vnet, ...view }, context) => {
    requireVnet(context, vnet, "SDN.Audit", "SDN.Allocate");
    const { world } = context;
    return describeObject(world, vnetKind, view, vnet, seenObject(world, vnetKind, view, vnet));
  },
  "PUT /cluster/sdn/vnets/{vnet}": ({ vnet, ...settings }, context) => {
    requireVnet(context, vnet, "SDN.Allocate");
    const { world } = context;
    underLock(world, "update sdn vnet object failed", settings["lock-token"], () => {
      const { zone } = requireObject(world, vnetKind, vnet);
      const section = changeObject(world, vnetKind, vnet, settings);
      if (section["zone"] !== zone && subnetsOf(world, vnet).length > 0)
        throw invalidParameters({ zone: "can't change zone if subnets exist" });
      checkVnet(world, vnet, section);
    });
    return null;
  },
  "DELETE /cluster/sdn/vnets/{vnet}": ({ vnet, "lock-token": token }, context) => {
    requireVnet(context, vnet, "SDN.Allocate");
    const { world } = context;
    underLock(world, "delete sdn vnet object failed", token, () => {
      if (subnetsOf(world, vnet).length > 0) throw invalidParameters({ vnet: "Can't delete vnet if subnets exists" });
      removeObject(world, vnetKind, vnet);
    });
    return null;
  },
};
