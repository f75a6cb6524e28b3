import type { PlacedStepsPlan } from "../plan/steps.ts";
import type { AppliedSteps } from "./applied-steps.ts";
import type { Observation, StepObservation } from "./observe-steps.ts";
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

/** What is known of steps besides what was found where they are. */
export interface StepHistory {
  readonly applied: AppliedSteps;
  /** The guests that this run replaces, by name. */
  readonly replaced: ReadonlySet<string>;
}

/**
 * Decides which steps are applied again: those whose description has changed, and those that are no longer as they were applied.
 * A guest counts how often each was applied, so that the same count means the same state. One that came back empty counts
 * from where the state is. What somebody has changed stays where the inventory accepts that, until the description changes.
 * What an edit of the inventory changes is no warning: a new description of a step, or a guest that is replaced.
 */
export function decideRevisions(
  placed: PlacedStepsPlan,
  observation: Observation,
  { applied, replaced }: StepHistory,
): Revisions {
  const { name, steps } = placed;
  if (replaced.has(name)) {
    const next = steps.map(
      (step) => [step.name, { revision: (applied.get(step.name) ?? 0) + 1, unseen: false }] as const,
    );
    return { steps: new Map(next), warnings: [], notes: [] };
  }
  if (observation.kind === "unseen") {
    const warning = `What is set up in ${name} is left as it is, for nobody could look there: ${observation.reason}.`;
    const unseen = new Map(steps.map((step) => [step.name, { revision: 1, unseen: true }]));
    return { steps: unseen, warnings: [warning], notes: [] };
  }
  const decided = steps.map((step) => {
    const found = observation.steps.get(step.name);
    const same = found?.digest === digestOf(step) && (found.changed === undefined || placed.onDrift === "accept");
    const revision = same ? found.revision : (found?.revision ?? applied.get(step.name) ?? 0) + 1;
    return [step.name, { revision, unseen: false }] as const;
  });
  const gone = steps.filter((step) => !observation.steps.has(step.name) && applied.has(step.name));
  const loss = `What was set up in ${name} is not there any more, and will be applied again: ${gone.map((step) => step.name).join(", ")}.`;
  const { warnings, notes } = describeFound(placed, observation.steps);
  return { steps: new Map(decided), warnings: [...warnings, ...(gone.length === 0 ? [] : [loss])], notes };
}

function describeFound(
  { name, steps, onDrift }: PlacedStepsPlan,
  found: ReadonlyMap<string, StepObservation>,
): Omit<Revisions, "steps"> {
  const seen = steps.flatMap((step) => {
    const own = found.get(step.name);
    const isAccepted = onDrift === "accept" && own?.digest === digestOf(step);
    return own === undefined ? [] : [{ ...own, subject: `${step.name} in ${name}`, isAccepted }];
  });
  const changes = seen.flatMap(({ changed, ...rest }) => (changed === undefined ? [] : [{ ...rest, changed }]));
  return {
    warnings: changes
      .filter(({ isAccepted }) => !isAccepted)
      .map(
        ({ subject, changed }) => `${subject} is no longer as it was applied, and will be applied again: ${changed}`,
      ),
    notes: [
      ...changes
        .filter(({ isAccepted }) => isAccepted)
        .map(
          ({ subject, changed }) =>
            `${subject} is no longer as it was applied, and is left so (onDrift: accept): ${changed}`,
        ),
      ...seen.flatMap(({ subject, edited }) =>
        edited === undefined ? [] : [`${subject} is changed to what the inventory says now. Until then: ${edited}`],
      ),
    ],
  };
}
