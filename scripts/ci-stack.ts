import { resolve } from "node:path";
import { ForgeError } from "../src/report/ask-forge.ts";
import { describeError } from "./describe-error.ts";
import { namedStack } from "./named-stack.ts";

/** Finds the stack that a pipeline works on. */
export function pipelineStack(project: string, named: string | undefined): string {
  return namedStack(project, named, " Name yours: --stack homelab, or PULUMI_STACK=homelab.");
}

/** Runs a command of a pipeline; what somebody can put right is said without a stack, and ends with 2. */
export async function runPipelineCommand(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    process.stderr.write(`${describeError(error, ForgeError)}\n`);
    process.exitCode = 2;
  }
}

/** The project's folder. */
export const project = resolve(import.meta.dirname, "..");
