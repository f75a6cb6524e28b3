import type { Clock } from "../clock.ts";
import type { ClusterState, Task } from "./cluster.ts";

/** What a task is about. */
export interface TaskRequest {
  readonly node: string;
  /** `vzcreate`, `vzstart`, … */
  readonly type: string;
  readonly id: string;
  readonly user: string;
  /** How long it takes on a small node. */
  readonly seconds: number;
  /** Does the work when that time has passed; throws where the task fails. */
  readonly work: (log: (line: string) => void) => void;
  /** Cleans up after a failure. */
  readonly undo?: () => void;
}

/** Starts tasks and keeps their logs. */
export class Tasks {
  readonly #state: ClusterState;
  readonly #clock: Clock;
  #pid = 0x400;

  constructor(state: ClusterState, clock: Clock) {
    this.#state = state;
    this.#clock = clock;
  }

  /** Starts a task and returns its UPID. */
  start({ node, type, id, user, seconds, work, undo }: TaskRequest): string {
    const starttime = this.#seconds();
    const pid = ++this.#pid;
    const pstart = starttime % 0x7fffffff;
    const upid = `UPID:${node}:${hexadecimal(pid)}:${hexadecimal(pstart)}:${hexadecimal(starttime)}:${type}:${id}:${user}:`;
    const task: Task = { upid, node, pid, pstart, starttime, type, id, user, log: [] };
    this.#state.tasks.push(task);
    this.#clock.after(seconds, () => {
      try {
        work((line) => task.log.push(line));
        task.exitstatus = "OK";
        task.log.push("TASK OK");
      } catch (error) {
        undo?.();
        task.exitstatus = error instanceof Error ? error.message : String(error);
        task.log.push(`TASK ERROR: ${task.exitstatus}`);
      }
      task.endtime = this.#seconds();
    });
    return upid;
  }

  #seconds(): number {
    return Math.floor(this.#clock.now().getTime() / 1000);
  }
}

function hexadecimal(value: number): string {
  return value.toString(16).toUpperCase().padStart(8, "0");
}
