import { createHash } from "node:crypto";
import type { Preview } from "../adopt/engine-files.ts";
import type { NodeWork } from "../edits/edit.ts";

/**
 * Sums up what a preview would do, so that two of them can be compared: operations with their inputs, in any order.
 * Of secrets it knows only that they are there; the engine's own plan holds an up to their values.
 */
export function digestPreview({ steps }: Pick<Preview, "steps">): string {
  const done = steps
    .filter(({ op }) => op !== "same")
    .map(({ op, urn, newState, oldState, detailedDiff, replaceReasons }) =>
      canonical({
        op,
        urn,
        to: newState?.inputs,
        from: oldState?.inputs,
        paths: Object.keys(detailedDiff ?? {}).sort(),
        replaces: [...(replaceReasons ?? [])].sort(),
      }),
    )
    .sort();
  return createHash("sha256").update(done.join("\n")).digest("hex");
}

/** Sums up what is done before the engine runs, in any order: by Proxmox VE, and guests that may be deleted. Undefined if nothing is. */
export function digestBefore(works: readonly NodeWork[], deleted: readonly string[]): string | undefined {
  if (works.length + deleted.length === 0) return undefined;
  const done = works.map(({ urn, commands, to }) => canonical({ urn, commands, to }));
  return createHash("sha256")
    .update([...done, ...deleted].sort().join("\n"))
    .digest("hex");
}

/** JSON in which the order of keys says nothing. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : Number(a > b))))
      : inner,
  );
}
