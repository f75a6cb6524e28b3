import { ApiError } from "../api-error.ts";
import type { SectionFormat } from "../section-file.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";
import type { World } from "../world.ts";

/** /etc/pve/ha/resources.cfg */
export const resourceFormat: SectionFormat = {
  file: "haResources",
  endpoint: "POST /cluster/ha/resources",
  types: {
    ct: resourceSettings(),
    vm: resourceSettings(),
  },
};

/** /etc/pve/ha/rules.cfg */
export const ruleFormat: SectionFormat = {
  file: "haRules",
  endpoint: "POST /cluster/ha/rules",
  types: {
    "node-affinity": {
      resources: "required",
      nodes: "required",
      strict: "optional",
      affinity: "optional",
      disable: "optional",
      comment: "optional",
    },
    "resource-affinity": { resources: "required", affinity: "required", disable: "optional", comment: "optional" },
  },
};

const kinds = { lxc: "ct", qemu: "vm" } as const;

/** What HA calls a guest: `ct:100`. */
export function sidOf({ type, vmid }: Pick<Guest, "type" | "vmid">): string {
  return `${kinds[type]}:${vmid}`;
}

/**
 * Reads `vm:100`, or only the VMID of a guest.
 * @throws {ApiError} 500 where there is no such guest to tell the kind by
 */
export function parseSid(
  world: World,
  text: string,
): { readonly sid: string; readonly type: string; readonly vmid: string } {
  const [type = "", vmid] = text.split(":");
  if (vmid !== undefined) return { sid: text, type, vmid };
  const guest = world.state.guests[text];
  if (guest === undefined) throw new ApiError(500, `unable do add resource - VM/CT ${text} does not exist`);
  return { sid: sidOf(guest), type: kinds[guest.type], vmid: text };
}

/** The guest of a resource; undefined where it is gone, or is one of the other kind. */
export function guestOf({ state }: World, sid: string): Guest | undefined {
  const guest = state.guests[sid.slice(3)];
  return guest !== undefined && sidOf(guest) === sid ? guest : undefined;
}

/** What HA is asked to do with a resource. */
export function requestedState({ state = "started" }: Section): string {
  return state === "enabled" ? "started" : state;
}

/** What HA does with a guest; undefined where it leaves it alone. */
export function haStateOf(world: World, guest: Guest): string | undefined {
  const resource = world.state.sections.haResources[sidOf(guest)];
  return resource === undefined ? undefined : serviceState(resource, guest);
}

/** The state of a resource as the cluster resource manager has it. */
export function serviceState(resource: Section, guest: Guest | undefined): string {
  const requested = requestedState(resource);
  if (guest === undefined) return requested === "started" ? "error" : requested;
  if (guest.config["lock"] === "migrate") return "migrate";
  if (requested !== "stopped" && requested !== "disabled") return requested;
  return guest.status === "running" ? "request_stop" : "stopped";
}

function resourceSettings() {
  return {
    state: "optional",
    group: "optional",
    comment: "optional",
    failback: "optional",
    max_restart: "optional",
    max_relocate: "optional",
    "auto-rebalance": "optional",
  } as const;
}
