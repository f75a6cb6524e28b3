import { z } from "zod";
import { nameOf, typeOf } from "../src/adopt/sort-resources.ts";
import type { Failure } from "../src/failures/failed-run.ts";
import { mendDisks } from "../src/failures/mend-disks.ts";
import { AdoptingStack } from "./adopting-stack.ts";
import { withEventLog } from "./event-log.ts";
import { runPulumi } from "./pulumi-command.ts";
import { StackError } from "./stack-settings.ts";

const State = z.object({
  deployment: z.object({
    resources: z.array(z.object({ urn: z.string(), initErrors: z.array(z.string()).nullish() })).nullish(),
    pending_operations: z.array(z.object({ type: z.string(), resource: z.object({ urn: z.string() }) })).nullish(),
  }),
});

/** In seconds. What failed because nothing was answered is asked once more, and may be silent again. */
const longestReading = 120;

/** What a run that stopped on the way has left in a stack's state. */
export interface Unfinished {
  /** What the engine had begun and did not see the end of, a line for each. */
  readonly pending: readonly string[];
  /** Whose last update failed; the provider has noted it all the same, so that the state is not to be believed. */
  readonly doubtful: readonly string[];
  /** The URNs of all that is in the state; undefined where it cannot be read. */
  readonly known: ReadonlySet<string> | undefined;
}

/** Reads what a run has left behind; nothing where the state cannot be read. */
export async function readUnfinished(project: string, stack: string): Promise<Unfinished> {
  const { code, output } = await runPulumi(project, stack, ["stack", "export"]);
  if (code !== 0) return { pending: [], doubtful: [], known: undefined };
  const { resources, pending_operations: pending } = State.parse(JSON.parse(output)).deployment;
  return {
    pending: (pending ?? []).map(({ type, resource: { urn } }) => `  ${type} ${nameOf(urn)} (${typeOf(urn)})`),
    doubtful: (resources ?? []).filter(({ initErrors }) => (initErrors ?? []).length > 0).map(({ urn }) => urn),
    known: new Set((resources ?? []).map(({ urn }) => urn)),
  };
}

/**
 * Puts right what a state says of machines in whose making the provider could not read a disk; see `mendDisks`.
 * Returns the URNs of those; where the state cannot be read or written it stays as it is.
 */
export async function mendMachines(project: string, stack: string, failures: readonly Failure[]): Promise<string[]> {
  if (!failures.some(({ inputs: { disks } }) => disks !== undefined)) return [];
  const own = new AdoptingStack((args, input) => runPulumi(project, stack, args, input));
  try {
    const mended = mendDisks(await own.exportState(), failures);
    if (mended === undefined) return [];
    await own.writeState(mended.state);
    return mended.urns;
  } catch (error) {
    if (error instanceof StackError) return [];
    throw error;
  }
}

/**
 * Corrects the state of what could not be updated by what is there: without it the next up would take the update for done
 * and send nothing. Returns whether it could be read.
 */
export async function correctState(project: string, stack: string, urns: readonly string[]): Promise<boolean> {
  const targets = urns.flatMap((urn) => ["--target", urn]);
  const { code } = await withEventLog(
    ["refresh", "--yes", "--skip-preview", ...targets],
    async (args, environment, stopped) =>
      (await runPulumi(project, stack, args, "", { folder: project, environment, stopped })).code,
    longestReading,
  );
  return code === 0;
}
