import type { Handlers } from "../handlers.ts";
import type { NodeState } from "../state/node.ts";
import { version } from "../version.ts";
import type { World } from "../world.ts";

/** The nodes. */
export const nodeHandlers: Handlers = {
  "GET /nodes": (_parameters, { world }) =>
    Object.values(world.state.nodes).map((node) => ({ ...describeNode(world, node), type: "node" })),
  "GET /nodes/{node}/status": ({ node: name }, { world }) => {
    const node = world.node(name);
    const used = Math.round(node.memory * 0.1);
    const { model, sockets, cores, threads } = node.cpu;
    return {
      cpu: 0.02,
      wait: 0,
      idle: 0,
      uptime: world.seconds() - node.bootedAt,
      pveversion: `pve-manager/${version.version}/${version.repoid}`,
      kversion: "Linux 6.17.2-1-pve #1 SMP PREEMPT_DYNAMIC PMX 6.17.2-1",
      "current-kernel": {
        sysname: "Linux",
        release: "6.17.2-1-pve",
        version: "#1 SMP PREEMPT_DYNAMIC PMX 6.17.2-1",
        machine: "x86_64",
      },
      "boot-info": { mode: "efi" as const, secureboot: 0 as const },
      loadavg: ["0.10", "0.08", "0.05"],
      cpuinfo: { cpus: threads, cores, sockets, model, mhz: "2400.000", hvm: "1", flags: "", user_hz: 100 },
      memory: { total: node.memory, used, free: node.memory - used, available: node.memory - used },
      ksm: { shared: 0 },
      swap: { total: 0, used: 0, free: 0 },
      rootfs: { total: 400 * 2 ** 30, used: 4 * 2 ** 30, avail: 396 * 2 ** 30, free: 396 * 2 ** 30 },
    };
  },
  "GET /nodes/{node}/version": () => version,
};

/** A node as lists show it. */
export function describeNode(world: World, { name, cpu, memory, bootedAt }: NodeState) {
  return {
    node: name,
    id: `node/${name}`,
    status: "online" as const,
    cpu: 0.02,
    maxcpu: cpu.threads,
    mem: Math.round(memory * 0.1),
    maxmem: memory,
    disk: 4 * 2 ** 30,
    maxdisk: 400 * 2 ** 30,
    uptime: world.seconds() - bootedAt,
    level: "",
    ssl_fingerprint: "",
  };
}
