import type { Deployment } from "../adopt/engine-files.ts";
import { isMissing, type LookAt } from "./fixable.ts";

type Resource = Deployment["deployment"]["resources"][number];

/**
 * Makes the state that knows nothing of the resources that were found to be missing, as a refresh would: for some types the
 * provider takes what is not there for an error, and no refresh goes through before they are forgotten. Nor does it know of
 * snippets that have another text, which no refresh would see.
 */
export function forgetMissing({ deployment, ...rest }: Deployment, looks: readonly LookAt[]): Deployment {
  const missing = new Set(
    looks
      .filter((look) => isMissing(look) || look.drifts.some(({ what }) => hasOtherText(what)))
      .flatMap(({ urn }) => urn ?? []),
  );
  const resources = deployment.resources
    .filter(({ urn }) => !missing.has(urn))
    .map((resource) => withoutReferences(resource, missing));
  return { ...rest, deployment: { ...deployment, resources } };
}

/** The provider never reads a snippet's text, and writes it only when it makes it. */
function hasOtherText(what: string): boolean {
  return what.endsWith(": sourceRaw.data");
}

/** A resource that refers to none of some others. */
export function withoutReferences(resource: Resource, missing: ReadonlySet<string>): Resource {
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
