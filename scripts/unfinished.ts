import { z } from "zod";
import { nameOf, typeOf } from "../src/adopt/sort-resources.ts";
import { runPulumi } from "./pulumi-command.ts";

const State = z.object({
  deployment: z.object({
    resources: z.array(z.object({ urn: z.string(), initErrors: z.array(z.string()).nullish() })).nullish(),
    pending_operations: z.array(z.object({ type: z.string(), resource: z.object({ urn: z.string() }) })).nullish(),
  }),
});

/** What a run that stopped on the way has left in a stack's state. */
export interface Unfinished {
  /** What the engine had begun and did not see the end of, a line for each. */
  readonly pending: readonly string[];
  /** Whose last update failed; the provider has noted it all the same, so that the state is not to be believed. */
  readonly doubtful: readonly string[];
  /** All that is in the state. */
  readonly known: readonly string[];
}

/** Reads what a run has left behind; nothing where the state cannot be read. */
export async function readUnfinished(project: string, stack: string): Promise<Unfinished> {
  const { code, output } = await runPulumi(project, stack, ["stack", "export"]);
  if (code !== 0) return { pending: [], doubtful: [], known: [] };
  const { resources, pending_operations: pending } = State.parse(JSON.parse(output)).deployment;
  return {
    pending: (pending ?? []).map(({ type, resource: { urn } }) => `  ${type} ${nameOf(urn)} (${typeOf(urn)})`),
    doubtful: (resources ?? []).filter(({ initErrors }) => (initErrors ?? []).length > 0).map(({ urn }) => urn),
    known: (resources ?? []).map(({ urn }) => urn),
  };
}

/**
 * Corrects the state of what could not be updated by what is there: without it the next up would take the update for done
 * and send nothing. Returns whether it could be read.
 */
export async function correctState(project: string, stack: string, urns: readonly string[]): Promise<boolean> {
  const targets = urns.flatMap((urn) => ["--target", urn]);
  const { code } = await runPulumi(project, stack, ["refresh", "--yes", "--skip-preview", ...targets]);
  return code === 0;
}
