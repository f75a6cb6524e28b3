import type { Deployment } from "../adopt/engine-files.ts";
import { hasSlot } from "../state/drop-lost-disks.ts";
import type { Failure } from "./failed-run.ts";

/**
 * Puts right what the provider notes of a machine's disks where it could not read one of them: a disk of which nothing is known.
 * No refresh gets rid of it, for it asks for the disks that are noted, and every update fails at it. With the disks that
 * were to be made a refresh finds what is there.
 * @returns undefined where there is nothing to put right
 */
export function mendDisks(
  state: Deployment,
  failures: readonly Failure[],
): { readonly state: Deployment; readonly urns: string[] } | undefined {
  const planned = new Map(
    failures.flatMap(({ urn, inputs: { disks } }) =>
      disks === undefined || lacksPlace(disks) ? [] : [[urn, disks] as const],
    ),
  );
  const { resources } = state.deployment;
  const broken = resources.filter(
    ({ urn, inputs, outputs }) => planned.has(urn) && (lacksPlace(inputs["disks"]) || lacksPlace(outputs["disks"])),
  );
  if (broken.length === 0) return undefined;
  const mended = resources.map((resource) => {
    if (!broken.includes(resource)) return resource;
    const disks = planned.get(resource.urn);
    // The bridge notes besides how its own form of the state differs from this one, disk by disk; it does without.
    const { __pulumi_raw_state_delta: _delta, ...outputs } = resource.outputs;
    return { ...resource, inputs: { ...resource.inputs, disks }, outputs: { ...outputs, disks } };
  });
  return {
    state: { ...state, deployment: { ...state.deployment, resources: mended } },
    urns: broken.map(({ urn }) => urn),
  };
}

/** Whether one of the disks has no place on the machine's bus, such as `scsi0`. */
function lacksPlace(disks: unknown): boolean {
  if (!Array.isArray(disks)) return false;
  return disks.some((disk) => !hasSlot(disk));
}
