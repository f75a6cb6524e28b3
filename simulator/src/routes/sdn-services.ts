import { ApiError } from "../api-error.ts";
import type { Context, Handlers } from "../handlers.ts";
import { addObject, changeObject, newSection, removeObject, requireObject } from "../sdn/changes.ts";
import { controllerKind, dnsKind, ipamKind, type Kind } from "../sdn/kinds.ts";
import { underLock } from "../sdn/lock.ts";
import { networkOf } from "../sdn/subnet-checks.ts";
import { describeObject, seenBy, seenObject, type View } from "../sdn/views.ts";
import type { Section } from "../state/cluster.ts";
import type { World } from "../world.ts";

interface Settings {
  readonly "lock-token"?: string;
}

/** What zones can make use of: controllers, IPAMs and name servers. */
export const sdnServiceHandlers: Handlers = {
  "GET /cluster/sdn/controllers": ({ type, ...view }, context) => list(controllerKind, view, type, context),
  "POST /cluster/sdn/controllers": ({ controller, type, ...settings }, { world }) =>
    create(world, controllerKind, controller, type, settings),
  "GET /cluster/sdn/controllers/{controller}": ({ controller, ...view }, { world }) =>
    read(world, controllerKind, view, controller),
  "PUT /cluster/sdn/controllers/{controller}": ({ controller, ...settings }, { world }) =>
    update(world, controllerKind, controller, settings),
  "DELETE /cluster/sdn/controllers/{controller}": ({ controller, "lock-token": token }, { world }) => {
    underLock(world, "delete sdn controller object failed", token, () => {
      requireObject(world, controllerKind, controller);
      refuseUsedController(world, controller);
      removeObject(world, controllerKind, controller);
    });
    return null;
  },

  "GET /cluster/sdn/ipams": ({ type }, context) => list(ipamKind, {}, type, context),
  "POST /cluster/sdn/ipams": ({ ipam, type, ...settings }, { world }) => create(world, ipamKind, ipam, type, settings),
  "GET /cluster/sdn/ipams/{ipam}": ({ ipam }, { world }) => read(world, ipamKind, {}, ipam),
  "GET /cluster/sdn/ipams/{ipam}/status": ({ ipam }, context) => listAddresses(ipam, context),
  "PUT /cluster/sdn/ipams/{ipam}": ({ ipam, ...settings }, { world }) => update(world, ipamKind, ipam, settings),
  // The message names a zone there, too.
  "DELETE /cluster/sdn/ipams/{ipam}": ({ ipam, "lock-token": token }, { world }) =>
    remove(world, ipamKind, ipam, "delete sdn zone object failed", token),

  "GET /cluster/sdn/dns": ({ type }, context) => list(dnsKind, {}, type, context),
  "POST /cluster/sdn/dns": ({ dns, type, ...settings }, { world }) => create(world, dnsKind, dns, type, settings),
  "GET /cluster/sdn/dns/{dns}": ({ dns }, { world }) => read(world, dnsKind, {}, dns),
  "PUT /cluster/sdn/dns/{dns}": ({ dns, ...settings }, { world }) => update(world, dnsKind, dns, settings),
  "DELETE /cluster/sdn/dns/{dns}": ({ dns, "lock-token": token }, { world }) =>
    remove(world, dnsKind, dns, "delete sdn dns object failed", token),
};

function list<Described>(
  kind: Kind<Described>,
  view: View,
  type: string | undefined,
  { world, session }: Context,
): Described[] {
  return [...seenBy(world, kind, view)]
    .filter(([id, { section }]) => {
      const visible = world.may(session, `/sdn/${kind.file}/${id}`, "SDN.Audit", "SDN.Allocate");
      return visible && (type === undefined || section["type"] === type);
    })
    .map(([id, seen]) => describeObject(world, kind, view, id, seen));
}

function read<Described>(world: World, kind: Kind<Described>, view: View, id: string): Described {
  return describeObject(world, kind, view, id, seenObject(world, kind, view, id));
}

function create(world: World, kind: Kind, id: string, type: string, settings: Settings): null {
  const section = newSection(kind, type, settings);
  underLock(world, `create sdn ${kind.noun} object failed`, settings["lock-token"], () => {
    addObject(world, kind, id, section);
    checkPeers(section);
  });
  return null;
}

function update(world: World, kind: Kind, id: string, settings: Settings): null {
  underLock(world, `update sdn ${kind.noun} object failed`, settings["lock-token"], () => {
    checkPeers(changeObject(world, kind, id, settings));
  });
  return null;
}

function remove(world: World, kind: Kind, id: string, failure: string, token: string | undefined): null {
  underLock(world, failure, token, () => {
    requireObject(world, kind, id);
    removeObject(world, kind, id);
  });
  return null;
}

function checkPeers({ type, peers, fabric }: Section): void {
  if (type !== "evpn" || (peers === undefined) !== (fabric === undefined)) return;
  const at = "at /usr/share/perl5/PVE/Network/SDN/Controllers/EvpnPlugin.pm line 587.";
  throw new ApiError(500, `must have exactly one of peers / fabric defined ${at}`);
}

function refuseUsedController(world: World, controller: string): void {
  const zones = Object.entries(world.state.sdn.configured.zones);
  const user = zones.find(([, zone]) => zone["controller"] === controller);
  const at = "at /usr/share/perl5/PVE/Network/SDN/Controllers/EvpnPlugin.pm line 555.";
  if (user !== undefined) throw new ApiError(500, `controller ${controller} is used by ${user[0]} ${at}`);
}

/** The addresses that Proxmox itself keeps: so far those of gateways. */
function listAddresses(ipam: string, { world, session }: Context) {
  if (ipam !== "pve")
    throw new ApiError(
      500,
      "Currently only PVE IPAM is supported! at /usr/share/perl5/PVE/API2/Network/SDN/Ipams.pm line 303.",
    );
  const { zones, subnets } = world.state.sdn.running;
  return Object.entries(subnets).flatMap(([id, { vnet = "", gateway }]) => {
    const { zone, cidr } = networkOf(id);
    const isKept = zones[zone]?.["ipam"] === "pve" && zones[zone]["dhcp"] !== undefined;
    const visible = world.may(session, `/sdn/zones/${zone}/${vnet}`, "SDN.Audit", "SDN.Allocate");
    return isKept && visible && gateway !== undefined ? [{ zone, subnet: cidr, vnet, ip: gateway, gateway: 1 }] : [];
  });
}
