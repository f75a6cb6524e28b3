import type { Deployment } from "../adopt/engine-files.ts";

type Resource = Deployment["deployment"]["resources"][number];

/** A state without disks that are gone, and the machines that had them. */
export interface WithoutLostDisks {
  readonly state: Deployment;
  /** The machines' URNs. */
  readonly urns: readonly string[];
}

/**
 * Takes disks without a slot out of a state: a refresh leaves them for a disk that was detached, asks for them again ever after, and
 * every update of the machine fails at them.
 */
export function dropLostDisks(state: Deployment): WithoutLostDisks {
  const { resources } = state.deployment;
  const urns = resources.filter((resource) => isBroken(resource)).map(({ urn }) => urn);
  const mended = resources.map((resource) => (urns.includes(resource.urn) ? mend(resource) : resource));
  return { urns, state: { ...state, deployment: { ...state.deployment, resources: mended } } };
}

function isBroken({ inputs, outputs }: Resource): boolean {
  return [inputs["disks"], outputs["disks"]].some((disks) => disksOf(disks).some((disk) => !hasSlot(disk)));
}

function mend(resource: Resource): Resource {
  // The bridge also notes how its own form of the state differs from this one, disk by disk; it does without.
  const { __pulumi_raw_state_delta: _delta, ...outputs } = resource.outputs;
  const { inputs } = resource;
  return {
    ...resource,
    inputs: { ...inputs, disks: disksOf(inputs["disks"]).filter(hasSlot) },
    outputs: { ...outputs, disks: disksOf(outputs["disks"]).filter(hasSlot) },
  };
}

/** Whether a disk of a machine has a place on its bus, such as `scsi0`. */
export function hasSlot(disk: unknown): boolean {
  const { interface: slot } = disk as { readonly interface?: unknown };
  return typeof slot === "string" && slot !== "";
}

function disksOf(disks: unknown): readonly unknown[] {
  return Array.isArray(disks) ? disks : [];
}
