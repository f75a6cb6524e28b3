import { closest, distance } from "fastest-levenshtein";

/** Proposes the known name that is nearest to an unknown one, unless none is near. */
export function suggestName(unknown: string, known: readonly string[]): string {
  if (known.length === 0) return "Add it there first.";
  const nearest = closest(unknown, known);
  const near = distance(unknown, nearest) <= Math.max(2, unknown.length / 2);
  return `${near ? `Did you mean "${nearest}"? ` : ""}Known: ${known.join(", ")}.`;
}
