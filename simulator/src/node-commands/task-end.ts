import type { ClusterState, Task } from "../state/cluster.ts";
import type { World } from "../world.ts";

/** Waits for a task to end. */
export function taskEnd(world: World, upid: string): Promise<Task> {
  const endedIn = ({ tasks }: ClusterState): Task | undefined =>
    tasks[upid]?.endtime === undefined ? undefined : tasks[upid];
  return new Promise((resolve) => {
    const ended = endedIn(world.state);
    if (ended !== undefined) {
      resolve(ended);
      return;
    }
    // A listener is told before a change counts: it looks at what will be.
    const stop = world.onChange((_patches, state) => {
      const task = endedIn(state);
      if (task === undefined) return;
      stop();
      resolve(task);
    });
  });
}
