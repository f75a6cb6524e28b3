import type { PlacedStepsPlan } from "../plan/steps.ts";
import type { AppliedSteps } from "./applied-steps.ts";
import type { Observation } from "./observe-steps.ts";
import { digestOf } from "./render-step.ts";

/** How a step goes on. */
export interface StepRevision {
  /** How often it will have been applied: one more than now, if it has to be applied again. */
  readonly revision: number;
  /** Whether nobody could look: then it is left as it is. */
  readonly unseen: boolean;
}

/** How the steps of one place go on. */
export interface Revisions {
  /** By the step's name. */
  readonly steps: ReadonlyMap<string, StepRevision>;
  /** Sentences for whoever runs this. */
  readonly warnings: readonly string[];
  /** Sentences about what is as the inventory wants it. */
  readonly notes: readonly string[];
}

/**
 * Decides which steps are applied again: those whose description has changed, and those that are no longer as they were applied.
 * A guest counts how often each was applied, so that the same count means the same state. One that came back empty counts
 * from where the state is. What somebody has changed stays where the inventory accepts that, until the description changes.
 */
export function decideRevisions(
  { name, steps, onDrift }: PlacedStepsPlan,
  observation: Observation,
  applied: AppliedSteps,
): Revisions {
  if (observation.kind === "unseen") {
    const warning = `What is set up in ${name} is left as it is, for nobody could look there: ${observation.reason}.`;
    const unseen = new Map(steps.map((step) => [step.name, { revision: 1, unseen: true }]));
    return { steps: unseen, warnings: [warning], notes: [] };
  }
  const decided = steps.map((step) => {
    const found = observation.steps.get(step.name);
    const same = found?.digest === digestOf(step) && (found.changed === undefined || onDrift === "accept");
    const revision = same ? found.revision : (found?.revision ?? applied.get(step.name) ?? 0) + 1;
    return [step.name, { revision, unseen: false }] as const;
  });
  const changes = steps.flatMap((step) => {
    const { changed, digest } = observation.steps.get(step.name) ?? {};
    const isAccepted = onDrift === "accept" && digest === digestOf(step);
    return changed === undefined ? [] : [{ subject: `${step.name} in ${name}`, changed, isAccepted }];
  });
  const again = changes.filter(({ isAccepted }) => !isAccepted);
  const accepted = changes.filter(({ isAccepted }) => isAccepted);
  const gone = steps.filter((step) => !observation.steps.has(step.name) && applied.has(step.name));
  const loss = `What was set up in ${name} is not there any more, and will be applied again: ${gone.map((step) => step.name).join(", ")}.`;
  return {
    steps: new Map(decided),
    warnings: [
      ...again.map(
        ({ subject, changed }) => `${subject} is no longer as it was applied, and will be applied again: ${changed}`,
      ),
      ...(gone.length === 0 ? [] : [loss]),
    ],
    notes: accepted.map(
      ({ subject, changed }) =>
        `${subject} is no longer as it was applied, and is left so (onDrift: accept): ${changed}`,
    ),
  };
}
