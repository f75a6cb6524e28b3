import type { Deployment } from "../adopt/engine-files.ts";
import { typeOf } from "../adopt/sort-resources.ts";
import type { Change } from "../report/changes.ts";
import { dependentsOf } from "./dependents.ts";

/**
 * Finds what a run that reads nothing again would change: what the inventory says otherwise than at the last up. By itself
 * the program sees which steps have drifted; they and what takes something from them are no such thing.
 * @param changes of such a run
 * @param drifted the URNs of what has drifted
 */
export function findPending(
  changes: readonly Change[],
  state: Deployment,
  drifted: ReadonlySet<string>,
): ReadonlySet<string> {
  const applied = changes.filter((change) => drifted.has(change.urn) && isAppliedAgain(change)).map(({ urn }) => urn);
  const following = dependentsOf(new Set(applied), state);
  const pending = changes.filter(({ urn, word }) => {
    // A step waits for the one before it, and takes nothing from it.
    if (word === "step") return !applied.includes(urn);
    return typeOf(urn).startsWith("proxmoxve:") && !following.has(urn);
  });
  return new Set(pending.map(({ urn }) => urn));
}

/** Whether nothing but the count differs of what a step's script reads; whether its files do, its triggers tell. */
function isAppliedAgain({ word, properties }: Change): boolean {
  return (
    word === "step" &&
    properties.every(({ property, was, is }) => property === "stdin" && withoutCount(was) === withoutCount(is))
  );
}

function withoutCount(stdin: unknown): string {
  return String(stdin).replace(/^revision \d+$/m, "");
}
