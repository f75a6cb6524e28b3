import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { StackError } from "./stack-settings.ts";

const Approval = z.object({
  stack: z.string(),
  /** Null where the preview failed: there is nothing to approve. */
  digest: z.string().nullable(),
  /** What is done before the engine runs, in short. */
  before: z.string().optional(),
});
/** What was previewed, in short; whoever lets the deployment go on has approved exactly this. */
export type Approval = z.infer<typeof Approval>;

/** The files of what was previewed: its digest, and the engine's own plan, in which secrets are encrypted. */
export function approvalFiles(folder: string): { readonly approval: string; readonly plan: string } {
  return { approval: resolve(join(folder, "approval.json")), plan: resolve(join(folder, "plan.json")) };
}

/**
 * Reads what was approved for a stack.
 * @throws {StackError} where nothing was, or for another stack
 */
export function readApproval(folder: string, stack: string): Approval {
  const { approval, plan } = approvalFiles(folder);
  if (!existsSync(approval) || !existsSync(plan)) {
    throw new StackError(
      `There is no approved preview in ${folder}: it has no ${existsSync(approval) ? "plan.json" : "approval.json"}. Make one first:\n  npm run ci:preview -- --stack ${stack} --save ${folder}`,
    );
  }
  const result = Approval.safeParse(JSON.parse(readFileSync(approval, "utf8")));
  if (!result.success)
    throw new StackError(`${approval} is no approved preview. Make a new one with npm run ci:preview.`);
  if (result.data.stack !== stack) {
    throw new StackError(
      `The preview in ${folder} is of the stack ${result.data.stack}, not of ${stack}. Name the right one.`,
    );
  }
  return result.data;
}
