import type { Session } from "./state/access.ts";
import type { Task } from "./state/cluster.ts";
import { readStatus } from "./state-folder/interrupted-tasks.ts";
import type { World } from "./world.ts";

/** Adds a line to a task's log. */
export type Log = (line: string) => void;

/** A part of a task: how long it takes on a small node, and what it does when that time has passed. */
export interface Step {
  readonly seconds: number;
  /** Throws where the task fails; what it has changed by then is undone. Returns the next step, if there is one. */
  readonly work: (log: Log) => Step | undefined;
}

/** What a task is about. */
export interface TaskRequest {
  readonly node: string;
  /** `vzcreate`, `vzstart`, … */
  readonly type: string;
  /** What it works on: a VMID, a storage … */
  readonly id: string | number;
  readonly session: Session;
  readonly seconds: number;
  /** As of a step. Look up again in here what the request looked up: it is another transaction. */
  readonly work: (log: Log) => Step | undefined;
  /** After a failure: takes back what the request itself has changed. */
  readonly undo?: () => void;
}

const tasksKept = 5000;
const withoutLock = new Set(["vzdump", "vncproxy", "download", "imgcopy"]);

/** Starts tasks, runs them when their time has come, and keeps their logs. */
export class Tasks {
  readonly #world: World;
  readonly #undo = new Map<string, () => void>();
  readonly #running = new Set<string>();
  #pid = 0x400;

  constructor(world: World) {
    this.#world = world;
  }

  /** Starts a task and returns its UPID. */
  start({ node, type, id, session, seconds, work, undo }: TaskRequest): string {
    const { tasks } = this.#world.state;
    const starttime = this.#world.seconds();
    const pid = this.#newPid();
    const pstart = starttime % 0x7fffffff;
    const stamps = [pid, pstart, starttime].map(hexadecimal).join(":");
    const upid = `UPID:${node}:${stamps}:${type}:${id}:${session.user}:`;
    tasks[upid] = { upid, node, pid, pstart, starttime, type, id: String(id), user: session.user, log: [] };
    for (const old of Object.keys(tasks).slice(0, Math.max(0, Object.keys(tasks).length - tasksKept))) {
      if (tasks[old]?.endtime !== undefined) Reflect.deleteProperty(tasks, old);
    }
    this.#running.add(upid);
    if (undo !== undefined) this.#undo.set(upid, undo);
    const fault = this.#world.taskFault;
    const first =
      fault === undefined
        ? work
        : () => {
            throw new Error(fault);
          };
    this.#world.schedule(seconds, () => {
      this.#run(upid, first);
    });
    return upid;
  }

  /** Ends a task as a user does who presses Stop. */
  stop(upid: string): void {
    if (this.#task(upid)?.endtime === undefined) this.#fail(upid, [], "interrupted by signal");
  }

  /** Lets the tasks of a node end with it: nobody writes a last line, and what they had locked stays locked. */
  abandon(node: string): void {
    for (const upid of this.#running) {
      const task = this.#task(upid);
      if (task?.node !== node) continue;
      this.#undo.delete(upid);
      this.#running.delete(upid);
      task.exitstatus = readStatus(task.log);
      task.endtime = this.#world.seconds();
    }
  }

  /** Whether a task holds the lock file of a guest; a backup sets a lock in the configuration instead. */
  holdsLock(vmid: number): boolean {
    return [...this.#running].some((upid) => {
      const task = this.#task(upid);
      return task?.id === String(vmid) && task.endtime === undefined && !withoutLock.has(task.type);
    });
  }

  /** Forgets how to undo what was running: after a reset. */
  clear(): void {
    this.#undo.clear();
    this.#running.clear();
  }

  /** PIDs go on where the state's tasks end, so that no UPID comes twice. */
  #newPid(): number {
    do this.#pid += 1;
    while (Object.values(this.#world.state.tasks).at(-1)?.pid === this.#pid);
    return this.#pid;
  }

  #run(upid: string, work: Step["work"]): void {
    if (this.#task(upid) === undefined || this.#task(upid)?.endtime !== undefined) return;
    const lines: string[] = [];
    let next: Step | undefined;
    try {
      next = this.#world.transaction(() => {
        const following = work((line) => lines.push(line));
        const task = this.#task(upid);
        task?.log.push(...lines);
        if (following === undefined && task !== undefined) this.#end(task);
        return following;
      });
    } catch (error) {
      this.#fail(upid, lines, error instanceof Error ? error.message : String(error));
      // A mistake of the simulator must not pass for something that a node does.
      if (!(error instanceof Error) || error.name === "TypeError") throw error;
      return;
    }
    if (next === undefined) {
      this.#undo.delete(upid);
      this.#running.delete(upid);
      return;
    }
    const { seconds, work: following } = next;
    this.#world.schedule(seconds, () => {
      this.#run(upid, following);
    });
  }

  #end(task: Task): void {
    const warnings = task.log.filter((line) => line.startsWith("WARN: ")).length;
    task.exitstatus = warnings === 0 ? "OK" : `WARNINGS: ${warnings}`;
    task.endtime = this.#world.seconds();
    task.log.push(warnings === 0 ? "TASK OK" : `TASK WARNINGS: ${warnings}`);
  }

  #fail(upid: string, lines: readonly string[], message: string): void {
    this.#world.change(() => {
      this.#undo.get(upid)?.();
      this.#undo.delete(upid);
      this.#running.delete(upid);
      const task = this.#task(upid);
      if (task === undefined) return;
      task.exitstatus = message;
      task.endtime = this.#world.seconds();
      task.log.push(...lines, `TASK ERROR: ${message}`);
    });
  }

  #task(upid: string): Task | undefined {
    return this.#world.state.tasks[upid];
  }
}

function hexadecimal(value: number): string {
  return value.toString(16).toUpperCase().padStart(8, "0");
}
