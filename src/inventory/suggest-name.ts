import { closest } from "fastest-levenshtein";

/** Proposes the known name that is nearest to an unknown one. */
export function suggestName(unknown: string, known: readonly string[]): string {
  if (known.length === 0) return "Add it there first.";
  return `Did you mean "${closest(unknown, known)}"? Known: ${known.join(", ")}.`;
}
