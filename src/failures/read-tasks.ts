import { z } from "zod";
import type { ReadApi } from "../proxmox/read-api.ts";

/** A task that did not end well, or does not end, with the last lines of its log. */
export interface FailedTask {
  readonly upid: string;
  readonly node: string;
  /** `vzcreate`, as Proxmox VE calls it. */
  readonly type: string;
  /** What it was about: a VMID, a storage, a pool. */
  readonly about: string;
  /** How it ended; undefined where it still runs. */
  readonly ended: string | undefined;
  readonly log: readonly string[];
}

/** What came of looking for tasks. */
export interface TaskReport {
  readonly tasks: readonly FailedTask[];
  /** Nodes that did not tell, and why. */
  readonly unread: readonly string[];
}

const Tasks = z.array(
  z.object({
    upid: z.string(),
    type: z.string(),
    id: z.string().default(""),
    user: z.string(),
    starttime: z.coerce.number(),
    status: z.string().optional(),
  }),
);
const Log = z.array(z.object({ t: z.string().default("") }));
const lastLines = 15;

/**
 * Reads the tasks of a token that have failed on some nodes since a run began, or that still run.
 * @param since seconds of Unix time; the node's clock may be a little behind
 */
export async function readFailedTasks(
  api: Pick<ReadApi, "read">,
  { nodes, since, tokenId }: { readonly nodes: readonly string[]; readonly since: number; readonly tokenId: string },
): Promise<TaskReport> {
  const reports = await Promise.all(
    nodes.map(async (node): Promise<TaskReport> => {
      const parameters = { since: String(Math.floor(since) - 5), source: "all", limit: "500" };
      const reading = await api.read(`/nodes/${node}/tasks`, Tasks, { parameters });
      if (reading.kind === "refused") return { tasks: [], unread: [`${node}: ${reading.message}`] };
      const failed = reading.value.filter(({ user, status }) => user === tokenId && !isFine(status));
      const tasks = await Promise.all(
        failed.map(async ({ upid, type, id, status }) => ({
          upid,
          node,
          type,
          about: id,
          ended: status === "running" ? undefined : status,
          log: await readLog(api, node, upid),
        })),
      );
      return { tasks, unread: [] };
    }),
  );
  return { tasks: reports.flatMap(({ tasks }) => tasks), unread: reports.flatMap(({ unread }) => unread) };
}

async function readLog(api: Pick<ReadApi, "read">, node: string, upid: string): Promise<string[]> {
  const path = `/nodes/${node}/tasks/${encodeURIComponent(upid)}/log`;
  const reading = await api.read(path, Log, { parameters: { limit: "5000" } });
  if (reading.kind === "refused") return [`(${node} does not show the log: ${reading.message})`];
  return reading.value
    .map(({ t }) => t)
    .filter((line) => line.trim() !== "")
    .slice(-lastLines);
}

function isFine(status: string | undefined): boolean {
  return status === "OK" || status?.startsWith("WARNINGS") === true;
}
