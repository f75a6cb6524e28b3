import type { Deployment } from "../adopt/engine-files.ts";

/**
 * Finds all that depends on some resources, by URN.
 * @param without what is left alone, and what depends on nothing else of it
 */
export function dependentsOf(
  urns: ReadonlySet<string>,
  { deployment }: Deployment,
  without: ReadonlySet<string> = new Set(),
): Set<string> {
  const found = new Set<string>();
  // The state has everything after what it depends on.
  for (const { urn, dependencies } of deployment.resources) {
    const depends = dependencies?.some((other) => urns.has(other) || found.has(other)) === true;
    if (depends && !urns.has(urn) && !without.has(urn)) found.add(urn);
  }
  return found;
}
