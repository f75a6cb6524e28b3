import { ApiError, explainFailure } from "../api-error.ts";
import { scheduleMove, scheduleRound } from "../ha/manager.ts";
import { findObstacles, findCompanions } from "../ha/moves.ts";
import { guestOf, parseSid, resourceFormat, ruleFormat } from "../ha/state.ts";
import type { Handlers, Parameters } from "../handlers.ts";
import { addSection, fileDigest, findSection, sectionsOf, showSection, updateSection } from "../section-file.ts";
import type { World } from "../world.ts";
import { resourcesOf } from "../ha/rules.ts";

/** Guests that HA keeps in a state: https://pve.proxmox.com/wiki/High_Availability */
export const haHandlers: Handlers = {
  "GET /cluster/ha/resources": ({ type }, { world }) =>
    Object.keys(sectionsOf(world, resourceFormat))
      .map((sid) => describeResource(world, sid))
      .filter((resource) => type === undefined || resource.type === type),
  "POST /cluster/ha/resources": createResource,
  "GET /cluster/ha/resources/{sid}": ({ sid }, { world }) => describeResource(world, parseSid(world, sid).sid),
  "PUT /cluster/ha/resources/{sid}": ({ sid: text, delete: remove, digest, ...values }, { world }) => {
    const { sid } = parseSid(world, text);
    refuseGroup(values.group);
    explainFailure("update resource failed", () =>
      updateSection(world, resourceFormat, sid, { delete: remove, digest, values }, `no such resource '${sid}'`),
    );
    scheduleRound(world);
    return null;
  },
  "DELETE /cluster/ha/resources/{sid}": ({ sid: text, purge = true }, { world }) => {
    const { sid } = parseSid(world, text);
    const resources = sectionsOf(world, resourceFormat);
    if (resources[sid] === undefined) throw new ApiError(500, `cannot delete service '${sid}', not HA managed!`);
    Reflect.deleteProperty(resources, sid);
    if (purge) removeFromRules(world, sid);
    return null;
  },
  "POST /cluster/ha/resources/{sid}/migrate": (parameters, { world }) => move(world, parameters, true),
  "POST /cluster/ha/resources/{sid}/relocate": (parameters, { world }) => move(world, parameters, false),
  // Groups became rules with Proxmox VE 9; a cluster that never had any counts as migrated.
  "GET /cluster/ha/groups": () => refuseGroups("cannot index groups"),
  "POST /cluster/ha/groups": () => refuseGroups("cannot create group"),
  "GET /cluster/ha/groups/{group}": () => refuseGroups("cannot read group"),
  "PUT /cluster/ha/groups/{group}": () => refuseGroups("cannot update group"),
  "DELETE /cluster/ha/groups/{group}": () => refuseGroups("cannot delete group"),
};

function createResource(
  { sid: text, type: given, ...values }: Parameters<"POST /cluster/ha/resources">,
  { world }: { readonly world: World },
): null {
  const { sid, type, vmid } = parseSid(world, text);
  if (given !== undefined && given !== type) throw new ApiError(500, "types does not match");
  if (resourceFormat.types[type] === undefined) throw new ApiError(500, `unknown section type '${type}'`);
  refuseGroup(values.group);
  requireGuest(world, sid, type, vmid);
  explainFailure("create resource failed", () => {
    if (sectionsOf(world, resourceFormat)[sid] !== undefined) {
      throw new ApiError(500, `resource ID '${sid}' already defined`);
    }
    addSection(world, resourceFormat, sid, type, values);
  });
  scheduleRound(world);
  return null;
}

function requireGuest(world: World, sid: string, type: string, vmid: string): void {
  if (!/^[1-9][0-9]+$/.test(vmid)) throw new ApiError(500, "invalid VMID");
  if (world.state.guests[vmid] === undefined) throw new ApiError(500, `resource '${sid}' does not exist in cluster`);
  if (guestOf(world, sid) === undefined) {
    const kind = type === "ct" ? "container" : "VM";
    throw new ApiError(500, `resource '${sid}' - guest with ID ${vmid} is not a ${kind}`);
  }
}

function describeResource(world: World, sid: string) {
  const section = findSection(world, resourceFormat, sid, `no such resource '${sid}'`);
  const { type = "" } = section;
  return { ...showSection(resourceFormat, section), type, sid, digest: fileDigest(world, resourceFormat) };
}

function removeFromRules(world: World, sid: string): void {
  const rules = sectionsOf(world, ruleFormat);
  for (const [id, rule] of Object.entries(rules)) {
    const left = resourcesOf(rule).filter((resource) => resource !== sid);
    if (left.length === 0) Reflect.deleteProperty(rules, id);
    else rule["resources"] = left.join(",");
  }
}

function move(
  world: World,
  { sid: text, node }: Parameters<"POST /cluster/ha/resources/{sid}/migrate">,
  online: boolean,
) {
  const { sid } = parseSid(world, text);
  if (sectionsOf(world, resourceFormat)[sid] === undefined) {
    throw new ApiError(500, `resource '${sid}' is not HA managed`);
  }
  const blocking = findObstacles(world, sid, node);
  const comigrated = findCompanions(world, sid, node);
  if (blocking.length === 0 && world.state.nodes[node] !== undefined) {
    for (const resource of [sid, ...comigrated]) scheduleMove(world, resource, node, online);
  }
  return {
    sid,
    "requested-node": node,
    ...(comigrated.length === 0 ? {} : { "comigrated-resources": comigrated }),
    ...(blocking.length === 0 ? {} : { "blocking-resources": blocking }),
  };
}

function refuseGroup(group: string | undefined): void {
  if (group !== undefined) refuseGroups("invalid parameter 'group'");
}

function refuseGroups(what: string): never {
  throw new ApiError(500, `${what}: ha groups have been migrated to rules`);
}
