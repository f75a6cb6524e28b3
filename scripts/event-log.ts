import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseFailedRun, type Failure } from "../src/failures/failed-run.ts";
import { watchPatience } from "./patience.ts";
import { withFolder } from "./with-folder.ts";

/** A run of the engine that writes down what happens, and what it could not do. */
export interface LoggedRun {
  readonly code: number;
  readonly failures: readonly Failure[];
  /** When it began, in seconds of Unix time. */
  readonly since: number;
}

/** How a run is started: with arguments, with variables, and with what ends it early. */
export type StartRun = (
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  stopped: AbortSignal,
) => Promise<number>;

const changing = new Set(["destroy", "dn", "down", "refresh", "up", "update"]);

/** Whether a command line of Pulumi changes something, so that it is worth to know what it could not do. */
export function changesSomething([command, ...rest]: readonly string[]): boolean {
  return changing.has(command ?? "") && !rest.some((option) => ["--help", "-h", "--preview-only"].includes(option));
}

/**
 * Runs the engine with an event log, which is read and removed; what is never answered ends it.
 * @param longest how long any of its operations may take, in seconds
 */
export async function withEventLog(
  [command = "", ...rest]: readonly string[],
  start: StartRun,
  longest?: number,
): Promise<LoggedRun> {
  return withFolder(async (folder) => {
    const file = join(folder, "events.json");
    const since = Date.now() / 1000;
    const read = () => (existsSync(file) ? readFileSync(file, "utf8") : "");
    const patience = watchPatience(read, longest);
    try {
      // The engine hides this option from all but those who ask for it.
      const environment = { PULUMI_DEBUG_COMMANDS: "true" };
      const code = await start([command, "--event-log", file, ...rest], environment, patience.signal);
      return { code, since, failures: code === 0 ? [] : parseFailedRun(read()) };
    } finally {
      patience.end();
    }
  });
}
