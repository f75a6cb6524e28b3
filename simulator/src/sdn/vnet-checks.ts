import { ApiError, invalidParameters } from "../api-error.ts";
import { requirePrivileges } from "../access/permissions.ts";
import type { Context } from "../handlers.ts";
import type { Section, Sections } from "../state/cluster.ts";
import type { World } from "../world.ts";
import { requireObject } from "./changes.ts";
import { vnetKind } from "./kinds.ts";

/**
 * Refuses who may not do something to a written vnet: the privileges are checked on its zone's path.
 * @throws {ApiError} 500 where there is no such vnet, 403
 */
export function requireVnet({ world, session }: Context, id: string, ...privileges: readonly string[]): void {
  const { zone = "" } = requireObject(world, vnetKind, id);
  requirePrivileges(world.state, session.user, `/sdn/zones/${zone}/${id}`, privileges, true);
}

/** The IDs of a vnet's written subnets. */
export function subnetsOf(world: World, vnet: string): string[] {
  return Object.entries(world.state.sdn.configured.subnets)
    .filter(([, subnet]) => subnet["vnet"] === vnet)
    .map(([id]) => id);
}

/**
 * Refuses a vnet whose tag its zone does not allow.
 * @throws {ApiError}
 */
export function checkVnet(world: World, id: string, vnet: Section): void {
  const { zones, vnets } = world.state.sdn.configured;
  const { zone: zoneId = "", tag, vlanaware } = vnet;
  const type = Object.hasOwn(zones, zoneId) ? zones[zoneId]?.["type"] : undefined;
  if (type === undefined)
    throw new ApiError(
      500,
      "cannot lookup undefined type! at /usr/share/perl5/PVE/API2/Network/SDN/Vnets.pm line 244.",
    );
  const others = Object.entries(vnets).filter(([name]) => name !== id);
  const problem = tagProblems[type]?.({ zoneId, tag, others, zones });
  if (problem !== undefined) throw invalidParameters({ tag: problem });
  if (vlanaware === "1" && subnetsOf(world, id).length > 0)
    throw invalidParameters({ vlanaware: "vlanaware vnet is not compatible with subnets" });
}

interface Tagged {
  readonly zoneId: string;
  readonly tag: string | undefined;
  readonly others: readonly (readonly [string, Section])[];
  readonly zones: Sections;
}

const maximum = { vlan: 4096, vxlan: 16_777_216 };

/** By type of zone: what is wrong with a vnet's tag. */
const tagProblems: Readonly<Record<string, (vnet: Tagged) => string | undefined>> = {
  simple: ({ tag }) => (tag === undefined ? undefined : "vlan tag is not allowed on simple zone"),
  vlan: ({ zoneId, tag, others }) => {
    if (tag === undefined) return "missing vlan tag";
    if (Number(tag) > maximum.vlan) return "vlan tag max value is 4096";
    const other = others.find(([, vnet]) => vnet["zone"] === zoneId && vnet["tag"] === tag);
    return other === undefined ? undefined : `tag ${tag} already exist in vnet ${other[0]}`;
  },
  qinq: ({ zoneId, tag, others }) => {
    if (Number(tag ?? 0) > maximum.vlan) return "VLAN tag maximal value is 4096";
    const other = others.find(([, vnet]) => vnet["zone"] === zoneId && vnet["tag"] === tag);
    if (other === undefined) return undefined;
    if (tag === undefined) return `tag-less vnet already exists in zone ${zoneId} vnet ${other[0]}`;
    return `tag ${tag} already exist in zone ${zoneId} vnet ${other[0]}`;
  },
  vxlan: vxlanTagProblem,
  evpn: vxlanTagProblem,
};

/** IDs of VXLANs are unique in the cluster. */
function vxlanTagProblem({ tag, others, zones }: Tagged): string | undefined {
  if (tag === undefined) return "missing vxlan tag";
  if (Number(tag) > maximum.vxlan) return "vxlan tag max value is 16777216";
  const other = others.find(
    ([, vnet]) => vnet["tag"] === tag && ["vxlan", "evpn"].includes(zones[vnet["zone"] ?? ""]?.["type"] ?? ""),
  );
  if (other === undefined) return undefined;
  return `vxlan tag ${tag} already exist in vnet ${other[0]} in zone ${other[1]["zone"] ?? ""} `;
}
