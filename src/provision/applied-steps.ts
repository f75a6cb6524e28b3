import { isStep, nameOf } from "../adopt/sort-resources.ts";
import type { StateResource } from "../state/state-resource.ts";

/** How often each step was applied, by its name, as the state has it. */
export type AppliedSteps = ReadonlyMap<string, number>;

/**
 * Reads from a stack's state which steps were applied, and how often: a guest that came back empty does not know that anything
 * was ever applied there.
 */
export function readAppliedSteps(resources: readonly StateResource[]): AppliedSteps {
  const steps = resources.filter(({ urn }) => isStep(urn));
  return new Map(
    steps.map(({ urn, outputs: { triggers } }) => {
      const texts: readonly unknown[] = Array.isArray(triggers) ? triggers : [];
      const revisions = texts.flatMap((text) => /^revision (\d+)$/.exec(String(text))?.[1] ?? []);
      return [nameOf(urn), Number(revisions[0] ?? 1)] as const;
    }),
  );
}
