import { randomBytes } from "node:crypto";
import { ApiError, invalidParameters } from "../api-error.ts";
import type { Section } from "../state/cluster.ts";
import type { World } from "../world.ts";

/**
 * Refuses a zone that refers to what is not there, or that its type does not allow.
 * @throws {ApiError}
 */
export function checkZone(world: World, id: string, zone: Section): void {
  const { dns, ipams, zones } = world.state.sdn.configured;
  for (const name of ["dns", "reversedns"]) {
    const server = zone[name];
    if (server !== undefined && !Object.hasOwn(dns, server))
      throw invalidParameters({ [name]: `${server} don't exist` });
  }
  if (zone["dnszone"] !== undefined && zone["dns"] === undefined)
    throw invalidParameters({ dnszone: "missing dns server" });
  const { ipam, type } = zone;
  if (ipam !== undefined && !Object.hasOwn(ipams, ipam)) throw invalidParameters({ ipam: `${ipam} not existing` });
  if (type === "vxlan") checkPeers(zone);
  if (type === "evpn") checkEvpn(world, id, zone, Object.entries(zones));
}

/** An EVPN zone gets an address for its gateways if it says none. */
export function withMac(zone: Section): Section {
  if (zone["type"] !== "evpn" || zone["mac"] !== undefined) return zone;
  const bytes = [...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, "0").toUpperCase());
  return { ...zone, mac: ["BC", "24", "11", ...bytes].join(":") };
}

/**
 * Refuses to remove a zone that vnets are in.
 * @throws {ApiError} 500
 */
export function checkZoneUnused(world: World, id: string): void {
  const user = Object.entries(world.state.sdn.configured.vnets).find(([, { zone }]) => zone === id);
  if (user !== undefined)
    throw new ApiError(
      500,
      `zone ${id} is used by vnet ${user[0]} at /usr/share/perl5/PVE/Network/SDN/Zones/Plugin.pm line 172.`,
    );
}

function checkPeers({ peers, fabric }: Section): void {
  const problem = "must have exactly one of peers / fabric defined";
  if ((peers === undefined) === (fabric === undefined)) throw invalidParameters({ peers: problem, fabric: problem });
}

function checkEvpn(world: World, id: string, zone: Section, zones: readonly (readonly [string, Section])[]): void {
  const at = "at /usr/share/perl5/PVE/Network/SDN/Zones/EvpnPlugin.pm line";
  const { controller = "", "vrf-vxlan": vrf } = zone;
  const { controllers } = world.state.sdn.configured;
  const type = Object.hasOwn(controllers, controller) ? controllers[controller]?.["type"] : undefined;
  if (type === undefined) throw new ApiError(500, `controller ${controller} don't exist ${at} 281.`);
  if (type !== "evpn") throw new ApiError(500, `${controller} is not a evpn controller type ${at} 284.`);
  const other = zones.find(([name, { "vrf-vxlan": taken }]) => name !== id && vrf !== undefined && taken === vrf);
  if (other !== undefined)
    throw new ApiError(500, `vrf-vxlan ${String(vrf)} is already declared in ${other[0]} ${at} 295.`);
}
