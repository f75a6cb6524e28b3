import { readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "../start-error.ts";

const claim = /^lock-(\d+)$/;
/** The folders of this process, where one claim cannot tell two simulators apart. */
const own = new Set<string>();

/** Whether a name in the folder belongs to the lock. */
export function isClaim(name: string): boolean {
  return claim.test(name);
}

/**
 * Keeps other simulators out of a folder; returns what lets them in again.
 *
 * Everyone writes a claim first and looks for others then: of two that start at once at least one sees the other.
 * The claim of a process that has died counts for nothing.
 * @throws {StartError} where another simulator uses the folder
 */
export function lockFolder(directory: string): () => void {
  const folder = realpathSync(directory);
  if (own.has(folder)) throw inUse(directory, process.pid);
  const mine = join(folder, `lock-${process.pid}`);
  writeFileSync(mine, describeProcess(process.pid)?.start ?? "", { mode: 0o600 });
  for (const name of readdirSync(folder)) {
    const pid = Number(claim.exec(name)?.[1] ?? process.pid);
    if (pid === process.pid) continue;
    const file = join(folder, name);
    if (isAlive(pid, file)) {
      rmSync(mine, { force: true });
      throw inUse(directory, pid);
    }
    rmSync(file, { force: true });
  }
  own.add(folder);
  return () => {
    own.delete(folder);
    rmSync(mine, { force: true });
  };
}

function inUse(directory: string, pid: number): StartError {
  return new StartError(
    `--state ${directory}`,
    `Another simulator, process ${pid}, keeps its state in this folder.`,
    "Stop that one, or name another folder.",
  );
}

/** Whether the process that wrote a claim still runs: a process with its number may be another one. */
function isAlive(pid: number, file: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const found = describeProcess(pid);
  if (found === undefined) return true;
  if (found.ended) return false;
  const start = readIfThere(file);
  return start === undefined || start === "" || start === found.start;
}

/** What Linux tells of a process: when it started, and whether it only waits to be buried. */
function describeProcess(pid: number): { readonly start: string; readonly ended: boolean } | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  // The name comes second, in parentheses, and may hold anything.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields === undefined ? undefined : { ended: fields[0] === "Z", start: fields[19] ?? "" };
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
