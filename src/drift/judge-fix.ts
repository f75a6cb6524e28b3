import type { Deployment } from "../adopt/engine-files.ts";
import { nameOf, typeOf } from "../adopt/sort-resources.ts";
import { holdsData, type Change } from "../report/changes.ts";
import type { Look } from "./drift.ts";

/** A look, with its resource where it was at one. */
export type LookAt = Look & { readonly urn?: string };

/** Where a run would bring something back: disks that die and what nobody knows of are no matter of the program. */
export function fixableOf<T extends LookAt>(looks: readonly T[]): T[] {
  return looks.filter(({ area, drifts }) => ["resources", "guests and nodes"].includes(area) && drifts.length > 0);
}

/** The URNs of what was looked at; steps are known by their names. */
export function urnsOf(looks: readonly LookAt[], { deployment }: Deployment): Set<string> {
  const steps = deployment.resources.filter(
    ({ urn }) =>
      typeOf(urn) === "command:remote:Command" &&
      looks.some(({ subject }) => subject.startsWith(`step ${nameOf(urn)} in `)),
  );
  return new Set([...looks.flatMap(({ urn }) => urn ?? []), ...steps.map(({ urn }) => urn)]);
}

/** The URNs of what has drifted and of all that depends on it. */
export function explainedBy(looks: readonly LookAt[], state: Deployment): ReadonlySet<string> {
  const explained = urnsOf(fixableOf(looks), state);
  // The state has everything after what it depends on.
  for (const { urn, dependencies } of state.deployment.resources) {
    if (dependencies?.some((other) => explained.has(other)) === true) explained.add(urn);
  }
  return explained;
}

/** What stands in the way of a run that shall bring back what has drifted and do nothing else, a sentence for each. */
export function findObstacles(changes: readonly Change[], explained: ReadonlySet<string>): string[] {
  return changes.flatMap((change) => {
    const { word, name, operation, urn } = change;
    const subject = `The ${word} ${name}`;
    if (holdsData(change) && operation === "create") {
      return `${subject} is not there and would be made anew, empty. What was in it comes back from a backup, which is restored under its own VMID.`;
    }
    if (holdsData(change) && operation !== "update") return `${subject} would be ${operation}d: what is in it is lost.`;
    if (operation === "delete") return `${subject} would be deleted.`;
    if (explained.has(urn) || word === "component") return [];
    return `${subject} has not drifted and would be ${operation}d: the inventory says something else than at the last up.`;
  });
}
