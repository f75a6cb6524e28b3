import { ApiError } from "../api-error.ts";
import { facts, type EndpointKey } from "../api/facts.ts";
import { checkParameters } from "../check-parameters.ts";
import { findHandler } from "../routes/find-handler.ts";
import type { Task } from "../state/cluster.ts";
import type { World } from "../world.ts";

/** Whoever works on a node's command line. */
export const root = { user: "root@pam" } as const;

/**
 * Does what an endpoint does, as root: a node's own programs are no other way into the cluster.
 * @throws {ApiError} what the endpoint refuses
 */
export function callApi(world: World, key: EndpointKey, sent: Readonly<Record<string, unknown>>): unknown {
  const handler = findHandler(key);
  if (handler === undefined) throw new ApiError(501, `the simulator does not know '${key}' yet`);
  const values = checkParameters(facts[key].parameters, sent);
  // What a transaction lends ends with it.
  const work = () => JSON.stringify(handler(values, { world, session: root, attributes: {} }) ?? null);
  return JSON.parse(key.startsWith("GET ") ? work() : world.transaction(work)) as unknown;
}

/** The endpoint of a path as clients write it, and the parameters in it. */
export function findEndpoint(
  method: string,
  path: string,
): { readonly key: EndpointKey; readonly sent: Readonly<Record<string, string>> } | undefined {
  const parts = path.split("/").filter((part) => part !== "");
  for (const key of Object.keys(facts) as EndpointKey[]) {
    const [itsMethod, itsPath = ""] = key.split(" ");
    const pattern = itsPath.split("/").filter((part) => part !== "");
    if (itsMethod !== method || pattern.length !== parts.length) continue;
    const sent = match(pattern, parts);
    if (sent !== undefined) return { key, sent };
  }
  return undefined;
}

/** Waits for a task to end. */
export function taskEnd(world: World, upid: string): Promise<Task> {
  const ended = () => {
    const task = world.state.tasks[upid];
    return task?.endtime === undefined ? undefined : task;
  };
  return new Promise((resolve) => {
    const look = () => {
      const task = ended();
      if (task === undefined) return;
      stop();
      resolve(task);
    };
    const stop = world.onChange(look);
    look();
  });
}

function match(pattern: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  const sent: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const actual = parts[index] ?? "";
    const name = /^\{(.+)\}$/.exec(part)?.[1];
    if (name !== undefined) sent[name] = decodeURIComponent(actual);
    else if (part !== actual) return undefined;
  }
  return sent;
}
