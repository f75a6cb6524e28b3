import type { Deployment } from "../adopt/engine-files.ts";
import { isStep } from "../adopt/sort-resources.ts";
import { withoutReferences } from "./forget-missing.ts";

/**
 * Makes the state in which what a failed run should have brought back is as before, so that it is drift as long as it is: the
 * state as it is now knows the server's side of it, or nothing.
 * @param urns what should have been brought back
 */
export function recallDrifted(now: Deployment, before: Deployment, urns: ReadonlySet<string>): Deployment {
  const recalled = before.deployment.resources.filter(({ urn }) => urns.has(urn));
  const known = new Set(now.deployment.resources.map(({ urn }) => urn));
  const resources = now.deployment.resources.map((resource) => {
    const own = recalled.find(({ urn, id }) => urn === resource.urn && id === resource.id);
    // A step that was applied again counts that.
    return own === undefined || isStep(own.urn) ? resource : own;
  });
  const lost = recalled.filter(({ urn }) => !known.has(urn));
  return { ...now, deployment: { ...now.deployment, resources: inOrder([...resources, ...lost]) } };
}

/** The engine takes no state in which something refers to what comes after it. */
function inOrder(resources: Deployment["deployment"]["resources"]): Deployment["deployment"]["resources"] {
  const after = new Set(resources.map(({ urn }) => urn));
  return resources.map((resource) => {
    after.delete(resource.urn);
    return withoutReferences(resource, after);
  });
}
