import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { CommentError } from "../src/report/upsert-comment.ts";
import { InventoryError } from "../src/inventory/inventory-error.ts";
import { chooseStack } from "./choose-stack.ts";
import { demoFolder } from "./stack-environment.ts";
import { StackError } from "./stack-settings.ts";

/** Finds the stack that a pipeline works on. */
export function pipelineStack(project: string, named: string | undefined): string {
  const choice = chooseStack(["preview", ...(named === undefined ? [] : ["--stack", named])], {
    named: process.env["PULUMI_STACK"],
    demoRuns: existsSync(demoFolder(project)),
  });
  if (choice.kind === "chosen" && choice.stack !== undefined) return choice.stack;
  throw new StackError(
    "No stack is named, and no demo is running. Name yours: --stack homelab, or PULUMI_STACK=homelab.",
  );
}

/** Runs a command of a pipeline; what somebody can put right is said without a stack, and ends with 2. */
export async function runPipelineCommand(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    const isKnown =
      error instanceof StackError ||
      error instanceof InventoryError ||
      error instanceof CommentError ||
      (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS"));
    process.stderr.write(`${isKnown ? (error as Error).message : String((error as Error).stack)}\n`);
    process.exitCode = 2;
  }
}

/** The project's folder. */
export const project = resolve(import.meta.dirname, "..");
