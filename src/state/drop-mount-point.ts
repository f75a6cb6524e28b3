import type { Deployment } from "../adopt/engine-files.ts";

type Values = Readonly<Record<string, unknown>>;

/** Takes a volume that was detached from a container out of a state: the provider reads no volumes of a container that has none left. */
export function dropMountPoint(state: Deployment, urn: string, path: string): Deployment {
  const without = (values: Values): Values => {
    const { mountPoints } = values;
    if (!Array.isArray(mountPoints)) return values;
    return {
      ...values,
      mountPoints: mountPoints.filter((volume: { readonly path?: unknown }) => volume.path !== path),
    };
  };
  const resources = state.deployment.resources.map((resource) => {
    if (resource.urn !== urn) return resource;
    // The bridge also notes how its own form of the state differs from this one, volume by volume; it does without.
    const { __pulumi_raw_state_delta: _delta, ...outputs } = resource.outputs;
    return { ...resource, inputs: without(resource.inputs), outputs: without(outputs) };
  });
  return { ...state, deployment: { ...state.deployment, resources } };
}
