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

/** When the next job is due; what is due by now waits for the scheduler's minute. */
function nextTime(world: World): number | undefined {
  const times = Object.entries(world.state.sections.replicationJobs)
    .filter(([id, job]) => isRunnable(world, id, job))
    .map(([id, job]) => nextSync(world, id, job))
    .filter((time) => time > 0)
    .map((time) => (time <= world.seconds() ? world.seconds() + minute : time));
  return times.length === 0 ? undefined : Math.min(...times);
}

function concernsReplication({ path }: Patch): boolean {
  const [first, second] = path;
  return path.length === 0 || first === "replications" || (first === "sections" && second === "replicationJobs");
}
