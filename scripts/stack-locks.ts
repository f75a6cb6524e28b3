import { readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { filesBelow, folderOf } from "./mend-backend.ts";

const Lock = z.object({ pid: z.number(), username: z.string(), hostname: z.string(), timestamp: z.string() });

/** What a lock's file says of the run that has made it. */
type Lock = z.infer<typeof Lock>;

/** The locks of a stack; each with its file. */
export interface StackLocks {
  /** Of runs that were killed on this machine. */
  readonly dead: readonly HeldLock[];
  /** Of runs that go on, or of which this machine cannot tell. */
  readonly alive: readonly HeldLock[];
}

type HeldLock = Lock & { readonly file: string };

/**
 * Finds the locks of a stack in a backend of files; any other backend keeps its own.
 * @param isRunning whether a process of this machine is an engine that runs
 */
export function findLocks(
  backend: string | undefined,
  stack: string,
  isRunning: (pid: number) => boolean = isEngine,
): StackLocks {
  const files = lockFiles(backend, stack);
  const locks = files.flatMap((file) => {
    const lock = readLock(file);
    return lock === undefined ? [] : [{ ...lock, file }];
  });
  const isDead = (lock: Lock) => lock.hostname === hostname() && !isRunning(lock.pid);
  return { dead: locks.filter(isDead), alive: locks.filter((lock) => !isDead(lock)) };
}

/** Removes the locks that killed runs have left. */
export function removeDeadLocks({ dead }: StackLocks): void {
  for (const { file } of dead) {
    rmSync(file, { force: true });
    rmSync(`${file}.attrs`, { force: true });
  }
}

/** Says what a run does about the locks of a stack, and what is left to do; empty where there were none. */
export function renderLocks({ dead, alive }: StackLocks, stack: string): string {
  const gone = dead.map((lock) => `${describeDead(lock, stack)} The lock is removed.\n`);
  const others = alive.map(
    ({ pid, username, hostname: host, timestamp, file }) =>
      `The stack ${stack} is locked by a run of ${username} on ${host} (process ${pid}, ${timestamp}), ` +
      `${host === hostname() ? "which goes on" : "and only that machine can tell whether it goes on"}. Two runs at once would ` +
      `break the state. Wait for its end; if you are sure that it is gone, remove ${file}\n`,
  );
  return [...gone, ...others].join("");
}

/** Says what helps where the engine was stopped by the lock of a killed run; empty where there is none. */
export function renderHint({ dead }: StackLocks, stack: string): string {
  return dead
    .map((lock) => `${describeDead(lock, stack)} This takes up what it has left:\n  npm run up -- --stack ${stack}\n`)
    .join("");
}

function describeDead({ pid, timestamp }: Lock, stack: string): string {
  return `The stack ${stack} is locked by a run that is gone (process ${pid} of this machine, ${timestamp}): it was killed.`;
}

/** The project's part is not compared: an own backend has one project only. */
function lockFiles(backend: string | undefined, stack: string): string[] {
  const root = folderOf(backend);
  if (root === undefined) return [];
  return filesBelow(join(root, ".pulumi/locks")).filter(
    (file) => file.endsWith(".json") && file.split("/").at(-2) === stack,
  );
}

/** Undefined where the run has ended in the meantime, or the file is not what we know. */
function readLock(file: string): Lock | undefined {
  try {
    return Lock.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

/** Where the system tells, a process that got the number of a dead one is known for what it is, and so is a dead one. */
function isEngine(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
  try {
    const [, name = "", state] = /^\d+ \((.*)\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    // Killed, and not yet taken note of by its parent: a container may have none that does.
    return name.includes("pulumi") && state !== "Z" && state !== "X";
  } catch {
    return true;
  }
}
