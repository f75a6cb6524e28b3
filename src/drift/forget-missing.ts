import type { Deployment } from "../adopt/engine-files.ts";
import { urnsOf, type LookAt } from "./judge-fix.ts";

type Resource = Deployment["deployment"]["resources"][number];

/**
 * Makes the state that knows nothing of what was found to be missing, as a refresh would: for some types the provider takes
 * what is not there for an error, and no refresh goes through before they are forgotten; and of a step in a guest that came
 * back empty nobody but the state would know that it was ever applied.
 */
export function forgetMissing({ deployment, ...rest }: Deployment, looks: readonly LookAt[]): Deployment {
  const missing = urnsOf(
    looks.filter(({ drifts }) => drifts.some(({ kind }) => kind === "missing")),
    { deployment },
  );
  const resources = deployment.resources
    .filter(({ urn }) => !missing.has(urn))
    .map((resource) => withoutReferences(resource, missing));
  return { ...rest, deployment: { ...deployment, resources } };
}

function withoutReferences(resource: Resource, missing: ReadonlySet<string>): Resource {
  const { dependencies, propertyDependencies, deletedWith, ...rest } = resource;
  const left = (urns: readonly string[]) => urns.filter((urn) => !missing.has(urn));
  return {
    ...rest,
    ...(dependencies ? { dependencies: left(dependencies) } : {}),
    ...(propertyDependencies
      ? {
          propertyDependencies: Object.fromEntries(
            Object.entries(propertyDependencies).map(([property, urns]) => [property, left(urns ?? [])]),
          ),
        }
      : {}),
    ...(deletedWith && !missing.has(deletedWith) ? { deletedWith } : {}),
  };
}
