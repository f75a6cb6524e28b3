import { ApiError, invalidParameters } from "../api-error.ts";
import { optionsOf } from "./cluster-options.ts";
import type { Handlers, Returns } from "../handlers.ts";
import { isQuorate } from "../node/quorum.ts";
import type { Task } from "../state/cluster.ts";
import { version } from "../version.ts";
import type { World } from "../world.ts";

/** What concerns the cluster as a whole. */
export const clusterHandlers: Handlers = {
  "GET /version": () => version,
  "GET /cluster/status": (_parameters, { world }) => describeCluster(world),
  "GET /cluster/nextid": ({ vmid }, { world }) => nextVmid(world, vmid),
  "GET /cluster/log": ({ max = 50 }, { world, session }) => {
    const all = world.may(session, "/", "Sys.Syslog");
    return Object.values(world.state.tasks)
      .filter(({ user }) => all || user === session.user)
      .flatMap((task) => logEntries(task))
      .sort((a, b) => b.time - a.time || b.uid - a.uid)
      .slice(0, max);
  },
};

/** Whether there is a cluster at all: a node alone has none. */
export function isClustered({ state }: World): boolean {
  return Object.keys(state.nodes).length > 1;
}

/** The node that answers: the first one that is there. */
export function localNode({ state }: World): string {
  const nodes = Object.values(state.nodes);
  return (nodes.find(({ off }) => off !== true) ?? nodes[0])?.name ?? "";
}

function describeCluster(world: World): Returns<"GET /cluster/status"> {
  const { name, nodes } = world.state;
  const count = Object.keys(nodes).length;
  const quorate = isQuorate(world.state) ? (1 as const) : (0 as const);
  const cluster = { type: "cluster" as const, id: "cluster", name, nodes: count, quorate, version: count };
  return [
    ...(isClustered(world) ? [cluster] : []),
    ...Object.values(nodes).map((node) => ({
      type: "node" as const,
      id: `node/${node.name}`,
      name: node.name,
      ip: node.address,
      nodeid: isClustered(world) ? node.id : 0,
      online: node.off === true ? (0 as const) : (1 as const),
      local: node.name === localNode(world) ? (1 as const) : (0 as const),
      level: "",
    })),
  ];
}

function nextVmid(world: World, wanted: number | undefined): number {
  const { guests } = world.state;
  if (wanted !== undefined) {
    if (guests[wanted] !== undefined) throw invalidParameters({ vmid: `VM ${wanted} already exists` });
    return wanted;
  }
  const { lower = "100", upper = "1000000" } = optionsOf(world, "next-id");
  for (let vmid = Number(lower); vmid < Number(upper); vmid++) if (guests[vmid] === undefined) return vmid;
  throw new ApiError(500, `unable to get any free VMID in range [${lower}, ${upper}]`);
}

/** What a task leaves in the cluster's log when it starts and when it ends. */
function logEntries({ upid, node, pid, user, starttime, endtime, exitstatus = "" }: Task) {
  const entry = (uid: number, time: number, pri: number, msg: string) => ({
    id: `${uid}:${node}`,
    uid,
    time,
    pri,
    tag: "pvedaemon",
    pid,
    node,
    user,
    msg,
  });
  const start = entry(pid * 2, starttime, 6, `starting task ${upid}`);
  if (endtime === undefined) return [start];
  const failed = exitstatus !== "OK" && !exitstatus.startsWith("WARNINGS");
  return [start, entry(pid * 2 + 1, endtime, failed ? 3 : 6, `end task ${upid} ${exitstatus}`)];
}
