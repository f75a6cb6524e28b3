import { holdsData, type Change } from "../report/changes.ts";

/** What stands in the way of bringing something back. */
export interface Obstacle {
  readonly urn: string;
  /** A sentence or two. */
  readonly text: string;
}

/** What a run may do that shall bring back what has drifted, and nothing else. */
export interface Leave {
  /** The URNs of what has drifted and of what depends on it. */
  readonly explained: ReadonlySet<string>;
  /** The URNs of what a run would change without any drift. */
  readonly pending: ReadonlySet<string>;
}

/** Finds what a run would do that no drift explains, and what would lose data. */
export function findObstacles(changes: readonly Change[], { explained, pending }: Leave): Obstacle[] {
  return changes.flatMap((change) => {
    const text = judge(change, { explained, pending });
    return text === undefined ? [] : [{ urn: change.urn, text }];
  });
}

function judge(change: Change, { explained, pending }: Leave): string | undefined {
  const { word, name, operation, urn } = change;
  const subject = `The ${word} ${name}`;
  if (holdsData(change) && operation === "create") {
    return `${subject} is not there and would be made anew, empty. What was in it comes back from a backup, which is restored under its own VMID.`;
  }
  if (holdsData(change) && operation !== "update") return `${subject} would be ${operation}d: what is in it is lost.`;
  if (operation === "delete") return `${subject} would be deleted.`;
  if (word === "component") return undefined;
  const why = "the inventory says something else than at the last up";
  if (!explained.has(urn)) return `${subject} has not drifted and would be ${operation}d: ${why}.`;
  return pending.has(urn) ? `${subject} has drifted, and more of it would be ${operation}d: ${why}.` : undefined;
}
