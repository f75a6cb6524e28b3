import { typeOf } from "../adopt/sort-resources.ts";
import type { Deployment } from "../adopt/engine-files.ts";
import type { BuiltGuest } from "./built.ts";

type Resource = Deployment["deployment"]["resources"][number];

/**
 * Writes into a state that a guest is on another node, with its firewall, which Proxmox VE moves with it. What else has changed a
 * refresh finds out. The state's own format has no other way: the provider takes another node for another guest.
 */
export function moveInState(
  state: Deployment,
  { urn, vmid }: Pick<BuiltGuest, "urn" | "vmid">,
  node: string,
): Deployment {
  const belongs = (resource: Resource) =>
    resource.urn === urn || (isGuestFirewall(resource.urn) && vmidOf(resource.inputs) === vmid);
  const { resources } = state.deployment;
  return {
    ...state,
    deployment: {
      ...state.deployment,
      resources: resources.map((resource) => (belongs(resource) ? moveResource(resource, node) : resource)),
    },
  };
}

function isGuestFirewall(urn: string): boolean {
  return /^proxmoxve:firewall\/(?:rules|options)Legacy:/.test(typeOf(urn));
}

function vmidOf({ vmId, containerId }: Readonly<Record<string, unknown>>): number {
  return Number(vmId ?? containerId);
}

function moveResource(resource: Resource, node: string): Resource {
  const place = { nodeName: node };
  return { ...resource, inputs: { ...resource.inputs, ...place }, outputs: { ...resource.outputs, ...place } };
}
