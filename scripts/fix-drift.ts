import { exitCodeOf } from "../src/drift/drift.ts";
import { fixableOf, type LookAt } from "../src/drift/fixable.ts";
import type { Change } from "../src/report/changes.ts";
import { findRestarts } from "../src/report/downtime.ts";
import { renderProperty } from "../src/report/render-property.ts";
import { applyFix } from "./apply-fix.ts";
import { StackError } from "./stack-settings.ts";
import { withTrialStack } from "./trial-stack.ts";
import { FixingTrial } from "./try-fix.ts";

/** How what has drifted is brought back. */
export interface Fixing {
  readonly say: (text: string) => void;
  readonly mayFix: (question: string) => Promise<boolean>;
}

/**
 * Brings back what has drifted and is not accepted, after showing what that would do; returns whether it ran. It refuses to
 * do what no drift explains, and whatever takes data away.
 * @throws {StackError} where it may not, and where up fails
 */
export async function fixDrift(
  project: string,
  stack: string,
  looks: readonly LookAt[],
  { say, mayFix }: Fixing,
): Promise<boolean> {
  if (exitCodeOf(looks) === 1) {
    throw new StackError("Nothing was fixed: what could not be looked at may be what has to be put right first.");
  }
  const chosen = fixableOf(looks);
  if (chosen.length === 0) {
    say("There is nothing that an up would bring back.\n");
    return false;
  }
  const { changes, obstacles, targets } = await withTrialStack(project, stack, async (trial) =>
    (await FixingTrial.begin(trial, looks)).try(chosen),
  );
  if (obstacles.length > 0) {
    throw new StackError(
      `Nothing was fixed, for more than drift would be undone:\n${obstacles.map(({ text }) => `  ${text}\n`).join("")}Look at all of it, and decide:\n  npm run up -- --refresh --diff --stack ${stack}`,
    );
  }
  if (changes.length === 0) {
    say("An up would change nothing of it: put it back by hand.\n");
    return false;
  }
  say(renderFix(changes));
  if (!(await mayFix(`Do this to ${stack}? Type y: `))) {
    throw new StackError("Nothing was fixed. Without a terminal that could be asked, --yes lets it.");
  }
  await applyFix(project, stack, chosen, targets);
  return true;
}

function renderFix(changes: readonly Change[]): string {
  const lines = [
    "This would be done:",
    ...changes.flatMap(renderChange),
    ...findRestarts(changes).map(({ word, guest }) => `The ${word} ${guest} restarts.`),
  ];
  return `\n${lines.join("\n")}\n`;
}

function renderChange({ operation, word, name, properties }: Change): string[] {
  const details = properties.flatMap((property) => renderProperty(property).split("\n"));
  return [`  ${operation} ${word} ${name}`, ...details.map((line) => `      ${line}`)];
}
