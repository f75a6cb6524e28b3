import { invalidParameters } from "../api-error.ts";
import type { Handlers } from "../handlers.ts";
import { addObject, changeObject, newSection, removeObject, requireObject } from "../sdn/changes.ts";
import { zoneKind } from "../sdn/kinds.ts";
import { underLock } from "../sdn/lock.ts";
import { describeObject, seenBy, seenObject } from "../sdn/views.ts";
import { checkZone, checkZoneUnused, withMac } from "../sdn/zone-checks.ts";
import type { World } from "../world.ts";

/** Zones. */
export const sdnZoneHandlers: Handlers = {
  "GET /cluster/sdn/zones": ({ type, ...view }, { world, session }) =>
    [...seenBy(world, zoneKind, view)]
      .filter(([id, { section }]) => {
        const visible = world.may(session, `/sdn/zones/${id}`, "SDN.Audit", "SDN.Allocate");
        return visible && (type === undefined || section["type"] === type);
      })
      .map(([id, seen]) => describeObject(world, zoneKind, view, id, seen)),
  "POST /cluster/sdn/zones": ({ zone, type, ...settings }, { world }) => {
    const section = withMac(newSection(zoneKind, type, settings));
    underLock(world, "create sdn zone object failed", settings["lock-token"], () => {
      addObject(world, zoneKind, zone, section);
      checkZone(world, zone, section);
    });
    return null;
  },
  "GET /cluster/sdn/zones/{zone}": ({ zone, ...view }, { world }) =>
    describeObject(world, zoneKind, view, zone, seenObject(world, zoneKind, view, zone)),
  "PUT /cluster/sdn/zones/{zone}": ({ zone, ...settings }, { world }) => {
    underLock(world, "update sdn zone object failed", settings["lock-token"], () => {
      const { ipam } = requireObject(world, zoneKind, zone);
      const section = changeObject(world, zoneKind, zone, settings);
      if (section["ipam"] !== ipam) refuseNewIpam(world, zone);
      checkZone(world, zone, section);
    });
    return null;
  },
  "DELETE /cluster/sdn/zones/{zone}": ({ zone, "lock-token": token }, { world }) => {
    underLock(world, "delete sdn zone object failed", token, () => {
      requireObject(world, zoneKind, zone);
      checkZoneUnused(world, zone);
      removeObject(world, zoneKind, zone);
    });
    return null;
  },
};

/** The addresses of a zone's subnets stay where they are kept. */
function refuseNewIpam(world: World, zone: string): void {
  const subnets = Object.keys(world.state.sdn.configured.subnets);
  if (subnets.some((id) => id.split("-")[0] === zone))
    throw invalidParameters({ ipam: "can't change ipam if a subnet is already defined in this zone" });
}
