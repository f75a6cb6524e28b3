import { examineHalfMade } from "../src/failures/half-made.ts";
import { placeOf } from "../src/failures/place-of.ts";
import { readFailedTasks } from "../src/failures/read-tasks.ts";
import { renderFailures, type StoppedRun } from "../src/failures/render-failures.ts";
import type { LoggedRun } from "./event-log.ts";
import { withServer } from "./stack-server.ts";
import { readStackSettings, StackError } from "./stack-settings.ts";
import { correctState, mendMachines, readUnfinished } from "./unfinished.ts";

/**
 * Tells of a run that stopped what could not be done, what is there of it and how it goes on; empty where nothing was begun.
 * The state of what could not be updated is corrected by what is there: the provider has noted it as done.
 * @param again the command that goes on where the run stopped; none where a pipeline is to be run again
 */
export async function tellFailures(
  project: string,
  stack: string,
  { failures, since }: Pick<LoggedRun, "failures" | "since">,
  again: string | undefined,
): Promise<string> {
  // Refused before it did anything, such as by another run's lock: what is in the state is none of its business.
  if (failures.length === 0) return "";
  const mended = await mendMachines(project, stack, failures);
  const { pending, doubtful: failed, known } = await readUnfinished(project, stack);
  const doubtful = [...new Set([...failed, ...mended])];
  const isCorrected = doubtful.length === 0 || (await correctState(project, stack, doubtful));
  const seen = await look(project, stack, { failures, since }, known);
  return `\n${renderFailures({ stack, failures, pending, doubtful: isCorrected ? [] : doubtful, again, ...seen })}\n`;
}

async function look(
  project: string,
  stack: string,
  { failures, since }: Pick<LoggedRun, "failures" | "since">,
  known: ReadonlySet<string> | undefined,
): Promise<Pick<StoppedRun, "halfMade" | "tasks" | "unread">> {
  try {
    return await withServer(stack, await readStackSettings(project, stack), async ({ api, apiToken }) => {
      const nodes = [...new Set(failures.flatMap((failure) => placeOf(failure).nodes))];
      const [tasks, halfMade] = await Promise.all([
        readFailedTasks(api, { nodes, since, tokenId: apiToken.split("=")[0] ?? "" }),
        examineHalfMade(api, failures, known),
      ]);
      return { halfMade, tasks, unread: undefined };
    });
  } catch (error) {
    if (error instanceof StackError) return { halfMade: [], tasks: { tasks: [], unread: [] }, unread: error.message };
    throw error;
  }
}
