import type { ClusterState, Task } from "../state/cluster.ts";

/**
 * Ends what was running when the simulator went away, as a node does after a power failure: nobody wrote a last line, and
 * what a task had locked stays locked.
 */
export function endInterruptedTasks(state: ClusterState, seconds: number): ClusterState {
  const tasks = Object.entries(state.tasks).map(([upid, task]): [string, Task] => [
    upid,
    task.endtime === undefined ? { ...task, endtime: seconds, exitstatus: readStatus(task.log) } : task,
  ]);
  return { ...state, tasks: Object.fromEntries(tasks) };
}

/** How PVE::Tools makes a status out of a log that says nothing of an end. */
export function readStatus(log: readonly string[]): string {
  return log.length === 0 ? "unable to read tail (got 0 bytes)" : "unexpected status";
}
