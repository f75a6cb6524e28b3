import type { LookAt } from "../src/drift/fixable.ts";
import { refuseFor, refuseIdle, refuseWithout, type Refusals } from "../src/drift/refuse-restoring.ts";
import { applyFix } from "./apply-fix.ts";
import type { EngineStart } from "./start-engine.ts";
import { StackError } from "./stack-settings.ts";
import { withTrialStack } from "./trial-stack.ts";
import { FixingTrial } from "./try-fix.ts";

/** Where something is brought back, and where the engine prints that. */
export interface RestoringPlace {
  readonly project: string;
  readonly stack: string;
  readonly says: EngineStart["says"];
}

/** What came of bringing back some of what was found: what an up has brought back, or should have. */
export interface Restoration {
  readonly chosen: readonly LookAt[];
  /** Why the rest of what was wanted was left. */
  readonly refusals: Refusals;
  /** Why not all that was chosen could be brought back. */
  readonly error?: string;
}

interface Choice extends Restoration {
  /** URNs. */
  readonly targets: readonly string[];
}

/** Brings back some of what was found, and touches nothing else; what would lose data or do more than the drift explains is left. */
export async function restoreOnce(
  { project, stack, says }: RestoringPlace,
  looks: readonly LookAt[],
  wanted: readonly LookAt[],
): Promise<Restoration> {
  let choice: Choice = { chosen: wanted, refusals: new Map(), targets: [] };
  try {
    choice = await withTrialStack(project, stack, async (trial) =>
      choose(await FixingTrial.begin(trial, looks), looks, wanted),
    );
    if (choice.chosen.length > 0) await applyFix(project, stack, choice.chosen, choice.targets, says);
    return choice;
  } catch (reason) {
    if (!(reason instanceof StackError)) throw reason;
    return { ...choice, error: reason.message };
  }
}

/** Leaves out what meets an obstacle until the rest meets none. */
async function choose(trial: FixingTrial, looks: readonly LookAt[], wanted: readonly LookAt[]): Promise<Choice> {
  const refusals = new Map(refuseWithout(looks, wanted, trial.state));
  for (;;) {
    const chosen = wanted.filter((look) => !refusals.has(look));
    if (chosen.length === 0) return { chosen, refusals, targets: [] };
    const { obstacles, changes, targets } = await trial.try(chosen);
    const found =
      obstacles.length > 0 ? refuseFor(obstacles, chosen, trial.state) : refuseIdle(changes, chosen, trial.state);
    if (found.size === 0) return { chosen, refusals, targets };
    for (const [look, text] of found) refusals.set(look, text);
  }
}
