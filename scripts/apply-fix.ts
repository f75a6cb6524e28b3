import { urnsOf, type LookAt } from "../src/drift/fixable.ts";
import { recallDrifted } from "../src/drift/recall-drifted.ts";
import { AdoptingStack } from "./adopting-stack.ts";
import { runPulumi } from "./pulumi-command.ts";
import { runEngine } from "./run-engine.ts";
import type { EngineStart } from "./start-engine.ts";
import { StackError } from "./stack-settings.ts";
import { readAgain, targetOptions } from "./try-fix.ts";

/**
 * Brings back what was chosen, and touches nothing but the targets.
 * @throws {StackError} where not all of it could be done; what is left of it is drift as before
 */
export async function applyFix(
  project: string,
  stack: string,
  chosen: readonly LookAt[],
  targets: readonly string[],
  says: EngineStart["says"] = "to the terminal",
): Promise<void> {
  const own = new AdoptingStack((args, input) => runPulumi(project, stack, args, input));
  const before = await own.exportState();
  try {
    await readAgain(own, chosen, targets);
    const up = ["up", "--yes", "--skip-preview", "--suppress-outputs", ...targetOptions(targets), "--stack", stack];
    if ((await runEngine(project, up, stack, says)) === 0) return;
    throw new StackError(
      `Not all of it was brought back (see above). Put right what the errors say, and let this go on from there:\n  npm run drift -- --fix --stack ${stack}`,
    );
  } catch (error) {
    await own.writeState(recallDrifted(await own.exportState(), before, urnsOf(chosen, before)));
    throw error;
  }
}
