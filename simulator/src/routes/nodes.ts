import type { Handlers } from "../handlers.ts";
import { kernel } from "../node/packages.ts";
import { usageOfNode } from "../node/usage.ts";
import type { NodeState } from "../state/node.ts";
import { version } from "../version.ts";
import type { World } from "../world.ts";

const build = `#1 SMP PREEMPT_DYNAMIC PMX ${kernel.replace(/-pve$/, "")} (2026-04-20T09:06Z)`;
/** What the two machines' processors say of themselves, shortened to what clients look for. */
const flags =
  "fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2 ht syscall nx " +
  "rdtscp lm constant_tsc rep_good nopl pni pclmulqdq ssse3 fma cx16 sse4_1 sse4_2 movbe popcnt aes xsave avx f16c " +
  "rdrand hypervisor_guest lahf_lm abm 3dnowprefetch bmi1 avx2 smep bmi2 erms rdseed adx smap clflushopt sha_ni vaes";

/** The nodes. */
export const nodeHandlers: Handlers = {
  "GET /nodes": (_parameters, { world }) =>
    Object.values(world.state.nodes).map((node) => {
      const { node: name, id, status, level, ssl_fingerprint, ...usage } = describeNode(world, node);
      const known = { node: name, id, type: "node", status, level, ssl_fingerprint };
      return status === "online" ? { ...known, ...usage } : known;
    }),
  "GET /nodes/{node}/status": ({ node: name }, { world }) => {
    const node = world.node(name);
    const { cpu, memory, root } = usageOfNode(world.state, node);
    const { model, sockets, cores, threads } = node.cpu;
    const load = cpu * threads;
    const free = memory.total - memory.used;
    return {
      cpu,
      wait: 0,
      idle: 0,
      uptime: world.seconds() - node.bootedAt,
      pveversion: `pve-manager/${version.version}/${version.repoid}`,
      kversion: `Linux ${kernel} ${build}`,
      "current-kernel": { sysname: "Linux", release: kernel, version: build, machine: "x86_64" },
      "boot-info": { mode: "efi" as const, secureboot: 0 as const },
      loadavg: [load, load * 0.9, load * 0.8].map((value) => value.toFixed(2)),
      cpuinfo: {
        cpus: threads,
        cores,
        sockets,
        model,
        mhz: "2400.000",
        hvm: "1",
        flags: `${flags} ${model.includes("AMD") ? "svm" : "vmx"}`,
        user_hz: 100,
      },
      memory: { total: memory.total, used: memory.used, free, available: free + memory.arc },
      ksm: { shared: 0 },
      swap: { total: 0, used: 0, free: 0 },
      rootfs: { total: root.total, used: root.used, avail: root.total - root.used, free: root.total - root.used },
    };
  },
  "GET /nodes/{node}/version": () => version,
};

/** A node as lists show it. */
export function describeNode(world: World, node: NodeState) {
  const { cpu, memory, root } = usageOfNode(world.state, node);
  return {
    node: node.name,
    id: `node/${node.name}`,
    status: node.off === true ? ("offline" as const) : ("online" as const),
    cpu,
    maxcpu: node.cpu.threads,
    mem: memory.used,
    maxmem: memory.total,
    disk: root.used,
    maxdisk: root.total,
    uptime: world.seconds() - node.bootedAt,
    level: "",
    ssl_fingerprint: world.certificate?.fingerprint ?? "",
  };
}
