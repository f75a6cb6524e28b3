import { ApiError } from "../api-error.ts";
import type { Handlers } from "../handlers.ts";
import type { Task } from "../state/cluster.ts";
import type { World } from "../world.ts";

/** Tasks and their logs. */
export const taskHandlers: Handlers = {
  "GET /cluster/tasks": (_parameters, { world, session }) =>
    Object.values(world.state.tasks)
      .filter((task) => maySee(world, session.user, task))
      .slice(-25)
      .reverse()
      .map(describeTask),
  "GET /nodes/{node}/tasks": (filter, { world, session }) => {
    const { node, vmid, typefilter, userfilter, statusfilter, since, until, limit = 50, start = 0 } = filter;
    const { errors = false, source = "archive" } = filter;
    return Object.values(world.state.tasks)
      .filter((task) => task.node === node && maySee(world, session.user, task))
      .filter(({ endtime }) => source === "all" || (endtime === undefined) === (source === "active"))
      .filter(({ id }) => vmid === undefined || id === String(vmid))
      .filter(({ type }) => typefilter === undefined || type === typefilter)
      .filter(({ user }) => userfilter === undefined || user.includes(userfilter))
      .filter(({ starttime }) => starttime >= (since ?? 0) && starttime <= (until ?? Infinity))
      .filter(({ exitstatus }) => !errors || exitstatus !== "OK")
      .filter((task) => statusfilter === undefined || statusfilter.split(/[,; ]+/).includes(statusType(task)))
      .reverse()
      .slice(start, start + limit)
      .map(describeTask);
  },
  "GET /nodes/{node}/tasks/{upid}": () => [{ name: "log" }, { name: "status" }],
  "GET /nodes/{node}/tasks/{upid}/status": ({ node, upid }, { world, session }) => {
    const { log, exitstatus, endtime, ...task } = findTask(world, session.user, node, upid);
    return endtime === undefined ? { ...task, status: "running" } : { ...task, status: "stopped", exitstatus };
  },
  "GET /nodes/{node}/tasks/{upid}/log": ({ node, upid, start = 0, limit = 50 }, { world, session }) => {
    const { log } = findTask(world, session.user, node, upid);
    const lines = log.map((t, index) => ({ n: index + 1, t }));
    return limit === 0 ? lines.slice(start) : lines.slice(start, start + limit);
  },
  "DELETE /nodes/{node}/tasks/{upid}": ({ node, upid }, { world, session }) => {
    const { user } = findTask(world, session.user, node, upid);
    if (user !== session.user) world.require(session, `/nodes/${node}`, "Sys.Modify");
    world.tasks.stop(upid);
    return null;
  },
};

/** A task as lists show it. */
function describeTask({ log, exitstatus, endtime, ...task }: Task) {
  return endtime === undefined ? task : { ...task, endtime, status: exitstatus };
}

function statusType({ exitstatus, endtime }: Task): string {
  if (endtime === undefined) return "unknown";
  if (exitstatus === "OK") return "ok";
  return exitstatus?.startsWith("WARNINGS: ") ? "warning" : "error";
}

/** Everyone sees their own tasks, auditors those of others. */
function maySee(world: World, user: string, task: Task): boolean {
  return task.user === user || world.may({ user }, `/nodes/${task.node}`, "Sys.Audit");
}

function findTask(world: World, user: string, node: string, upid: string): Task {
  if (!/^UPID:[^:\s]+(:[0-9A-F]{8,9}){3}:[^:\s]+:[^:\s]*:[^:\s]+:$/i.test(upid)) {
    throw new ApiError(400, `unable to parse worker upid '${upid}'`);
  }
  const task = world.state.tasks[upid];
  if (task?.node !== node) throw new ApiError(500, "no such task");
  if (!maySee(world, user, task)) world.require({ user }, `/nodes/${node}`, "Sys.Audit");
  return task;
}
