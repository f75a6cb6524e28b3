import { defineEndpoints } from "../endpoint.ts";
import { nodesParameters } from "../parameters/nodes.ts";
import type { NodeState } from "../state/cluster.ts";
import { version } from "../version.ts";
import { describeTask, describeTaskStatus, findTask } from "./tasks.ts";

/** The nodes and their tasks. */
export const nodeEndpoints = defineEndpoints(nodesParameters, {
  "GET /nodes": (_parameters, { world }) => world.state.nodes.map((node) => ({ ...describeNode(node), type: "node" })),
  "GET /nodes/{node}/status": ({ node: name }, { world }) => {
    const node = world.node(name);
    const used = Math.round(node.memory * 0.1);
    return {
      cpu: 0.02,
      uptime: 86_400,
      pveversion: `pve-manager/${version.version}/${version.repoid}`,
      kversion: "Linux 6.17.2-1-pve #1 SMP PREEMPT_DYNAMIC PMX 6.17.2-1",
      loadavg: ["0.10", "0.08", "0.05"],
      cpuinfo: { cpus: node.cpus, cores: node.cpus / 2, sockets: 1, model: node.cpuModel, mhz: "2400.000", hvm: "1" },
      memory: { total: node.memory, used, free: node.memory - used },
      swap: { total: 0, used: 0, free: 0 },
      rootfs: { total: 400 * 2 ** 30, used: 4 * 2 ** 30, avail: 396 * 2 ** 30, free: 396 * 2 ** 30 },
    };
  },
  "GET /nodes/{node}/version": ({ node }, { world }) => {
    world.node(node);
    return version;
  },
  "GET /nodes/{node}/tasks": ({ node, vmid, typefilter, limit = 50, start = 0 }, { world }) => {
    world.node(node);
    return world.state.tasks
      .filter((task) => task.node === node)
      .filter((task) => vmid === undefined || task.id === String(vmid))
      .filter((task) => typefilter === undefined || task.type.startsWith(typefilter))
      .map(describeTask)
      .reverse()
      .slice(start, start + limit);
  },
  "GET /nodes/{node}/tasks/{upid}/status": ({ node, upid }, { world }) =>
    describeTaskStatus(findTask(world, node, upid)),
  "GET /nodes/{node}/tasks/{upid}/log": ({ node, upid, start = 0, limit = 50 }, { world }) => {
    const { log } = findTask(world, node, upid);
    const lines = log.map((t, index) => ({ n: index + 1, t }));
    return limit === 0 ? lines.slice(start) : lines.slice(start, start + limit);
  },
});

/** A node as lists show it. */
export function describeNode({ name, cpus, memory }: NodeState): object {
  return {
    node: name,
    id: `node/${name}`,
    status: "online",
    cpu: 0.02,
    maxcpu: cpus,
    mem: Math.round(memory * 0.1),
    maxmem: memory,
    disk: 4 * 2 ** 30,
    maxdisk: 400 * 2 ** 30,
    uptime: 86_400,
    level: "",
    ssl_fingerprint: "",
  };
}
