import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const text = `The Pulumi engine of this project keeps no automatic logs: writing them takes half of its processor time, and up to 500 MB.
This file stands where their folder would be. Remove it to get them back for one run.
`;

/**
 * Keeps the engine from writing its automatic logs, for which it has no setting: a file stands where it would make their folder. Without
 * the folder it goes on in silence. `-v=9 --logtostderr` still logs.
 * @param home the project's own PULUMI_HOME; that of a user is not touched
 */
export function keepNoLogs(home: string): void {
  const logs = join(home, "logs");
  const found = statSync(logs, { throwIfNoEntry: false });
  if (found?.isFile() === true) return;
  const old = `${logs}-${process.pid}`;
  try {
    // An engine that runs goes on writing there.
    if (found !== undefined) renameSync(logs, old);
    writeFileSync(logs, text);
    rmSync(old, { recursive: true, force: true });
  } catch {
    // Another run has made it, or the home is read-only: this one logs.
  }
}
