import { ApiError } from "../api-error.ts";
import type { Task } from "../state/cluster.ts";
import type { World } from "../world.ts";

/** A task as lists show it. */
export function describeTask({ log, exitstatus, endtime, ...task }: Task): object {
  return endtime === undefined ? task : { ...task, endtime, status: exitstatus };
}

/** A task as its status shows it. */
export function describeTaskStatus({ log, exitstatus, endtime, ...task }: Task): object {
  return endtime === undefined ? { ...task, status: "running" } : { ...task, status: "stopped", exitstatus };
}

/** Finds a task of a node. */
export function findTask({ state }: World, node: string, upid: string): Task {
  if (!/^UPID:[^:\s]+(:[0-9A-F]{8,9}){3}:[^:\s]+:[^:\s]*:[^:\s]+:$/i.test(upid)) {
    throw new ApiError(400, `unable to parse worker upid '${upid}'`);
  }
  const task = state.tasks.find((candidate) => candidate.upid === upid && candidate.node === node);
  if (task === undefined) throw new ApiError(500, "no such task");
  return task;
}
