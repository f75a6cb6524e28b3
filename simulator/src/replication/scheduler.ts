import type { Patch } from "immer";
import type { World } from "../world.ts";
import { isRunnable, nextSync } from "./jobs.ts";
import { runDueJobs } from "./run.ts";

/** The scheduler looks for jobs each minute. */
const minute = 60;

/** Lets the scheduler look for jobs that are due, once its minute is over. */
export function scheduleLook(world: World): void {
  world.schedule(minute, () => {
    runDueJobs(world);
  });
}

/** Runs replication jobs when the clock passes their schedule; returns what ends it. */
export function startReplication(world: World): () => void {
  let cancel: (() => void) | undefined;
  const plan = () => {
    cancel?.();
    const time = nextTime(world);
    cancel =
      time === undefined
        ? undefined
        : world.clock.at(new Date(time * 1000), () => {
            runDueJobs(world);
            plan();
          });
  };
  const stop = world.onChange((patches) => {
    if (patches.some(concernsReplication)) queueMicrotask(plan);
  });
  plan();
  return () => {
    stop();
    cancel?.();
  };
}

/** When the next job is due by its schedule; one that is due by now waits for its minute anyway. */
function nextTime(world: World): number | undefined {
  const times = Object.entries(world.state.sections.replicationJobs)
    .filter(([id, job]) => isRunnable(world, id, job))
    .map(([id, job]) => nextSync(world, id, job));
  const future = times.filter((time) => time > world.seconds());
  return future.length === 0 ? undefined : Math.min(...future);
}

function concernsReplication({ path }: Patch): boolean {
  const [first, second] = path;
  return path.length === 0 || first === "replications" || (first === "sections" && second === "replicationJobs");
}
