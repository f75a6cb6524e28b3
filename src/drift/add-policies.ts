import type { Deployment } from "../adopt/engine-files.ts";
import { entryOf } from "../adopt/places.ts";
import { nameOf, typeOf } from "../adopt/sort-resources.ts";
import type { DriftPolicies } from "../plan/drift-policies.ts";
import type { ResourceLook } from "./find-resource-drift.ts";

/** Adds to looks at resources what the inventory wants to become of their drift. */
export function addPolicies(
  looks: readonly ResourceLook[],
  { deployment }: Deployment,
  policies: DriftPolicies,
): ResourceLook[] {
  const inputsOf = new Map(deployment.resources.map(({ urn, inputs }) => [urn, inputs]));
  return looks.map((look) => {
    const { urn } = look;
    const entry = entryOf({ type: typeOf(urn), name: nameOf(urn), inputs: inputsOf.get(urn) ?? {} });
    const policy = entry === undefined ? undefined : policies[entry];
    return policy === undefined ? look : { ...look, policy };
  });
}
