import { existsSync } from "node:fs";
import { chooseStack } from "./choose-stack.ts";
import { demoFolder } from "./stack-environment.ts";
import { StackError } from "./stack-settings.ts";

/** Says to those who may only want to try it what to do where no stack is named. */
export const orTheDemo =
  "\n  Start the demo in another terminal with npm run demo,\n  or name your own stack: --stack homelab, or export PULUMI_STACK=homelab.";

/**
 * Finds the stack that a command of this project works on: the named one, PULUMI_STACK, or the running demo's.
 * @param advice what to do where there is none
 * @throws {StackError} where there is none
 */
export function namedStack(
  project: string,
  named: string | undefined,
  advice = " Name yours: --stack homelab.",
): string {
  // Like any command of the engine that works on a stack.
  const choice = chooseStack(["preview", ...(named === undefined ? [] : ["--stack", named])], {
    named: process.env["PULUMI_STACK"],
    demoRuns: existsSync(demoFolder(project)),
  });
  if (choice.kind === "chosen" && choice.stack !== undefined) return choice.stack;
  throw new StackError(`No stack is named, and no demo is running.${advice}`);
}
