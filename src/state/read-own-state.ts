import { runtime } from "@pulumi/pulumi";
import { z } from "zod";
import type { StateResource } from "./state-resource.ts";

const Answer = z.object({
  outputs: z.record(z.string(), z.object({ outputs: z.record(z.string(), z.unknown()).default({}) })),
});

/**
 * Reads the state of the stack that this program runs in, as the last run has left it, be it one that failed. The engine answers
 * itself (`pulumi:pulumi:readStackResourceOutputs`), whatever the backend is.
 * @param stack as `--stack` takes it
 * @throws {Error} what the engine says if it cannot
 */
export async function readOwnState(stack: string): Promise<StateResource[]> {
  const answer: unknown = await runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName: stack });
  return Object.entries(Answer.parse(answer).outputs).map(([urn, { outputs }]) => ({ urn, outputs }));
}
