import { parseSetting } from "../guest/config.ts";
import { derived } from "../guest/derived.ts";
import { parseSize } from "../guest/sizes.ts";
import type { Guest } from "../state/guest.ts";
import type { World } from "../world.ts";
import { bootDisk, drivesOf } from "./drives.ts";
import { networksOf } from "./networks.ts";

/** The version of QEMU that comes with this version of Proxmox VE. */
export const qemuVersion = "10.1.2";

/** A virtual machine as lists show it. */
export function describeMachine(world: World, guest: Guest) {
  const { vmid, config, status, startedAt, node } = guest;
  const running = status === "running";
  const { memory, maxdisk, serial } = hardwareOf(config);
  const maxmem = memory * 2 ** 20;
  const mem = running ? Math.round(maxmem * 0.4) : 0;
  const { lock, tags, template, balloon, shares } = config;
  return {
    vmid,
    name: nameOf(guest),
    status,
    cpu: running ? 0.01 : 0,
    cpus: cpusOf(guest, world.state.nodes[node]?.cpu.threads ?? 1),
    disk: 0,
    maxdisk,
    diskread: 0,
    diskwrite: 0,
    maxmem,
    mem,
    memhost: mem,
    netin: 0,
    netout: 0,
    uptime: running && startedAt !== undefined ? Math.max(1, world.seconds() - startedAt) : 0,
    ...(running ? { pid: pidOf(guest), ...pressure } : {}),
    ...(Number(balloon ?? 0) > 0 ? { balloon_min: Number(balloon) * 2 ** 20, shares: Number(shares ?? 1000) } : {}),
    ...(serial ? { serial: 1 as const } : {}),
    ...(tags === undefined ? {} : { tags }),
    ...(lock === undefined ? {} : { lock }),
    ...(template === "1" ? { template: 1 as const } : {}),
  };
}

/** What a running QEMU says of itself, besides what lists show. */
export function describeProcess(world: World, guest: Guest) {
  if (guest.status !== "running") return { qmpstatus: "stopped" };
  const { maxmem, mem } = describeMachine(world, guest);
  const counters = { netin: 0, netout: 0 };
  return {
    qmpstatus: guest.paused === true ? "paused" : "running",
    "running-machine": machineOf(guest),
    "running-qemu": qemuVersion,
    "proxmox-support": {
      "backup-fleecing": true,
      "backup-max-workers": true,
      "pbs-dirty-bitmap": true,
      "pbs-dirty-bitmap-migration": true,
      "pbs-dirty-bitmap-savevm": true,
      "pbs-library-version": "2.0.1",
      "pbs-masterkey": true,
      "query-bitmap-info": true,
    },
    balloon: maxmem,
    ballooninfo: { actual: maxmem, max_mem: maxmem },
    freemem: maxmem - mem,
    nics: Object.fromEntries(networksOf(guest.config).map(({ index }) => [`tap${guest.vmid}i${index}`, counters])),
    blockstat: Object.fromEntries(drivesOf(guest.config).map(({ name }) => [name, { rd_bytes: 0, wr_bytes: 0 }])),
  };
}

/** The name of a virtual machine, or what Proxmox calls it where it has none. */
export function nameOf({ vmid, config }: Guest): string {
  return config["name"] ?? `VM ${vmid}`;
}

/** In MiB. */
export function memoryOf({ config }: Guest): number {
  return hardwareOf(config).memory;
}

const hardwareOf = derived((config) => ({
  memory: Number(parseSetting("qemu", "memory", config["memory"] ?? "512")["current"] ?? 512),
  maxdisk: parseSize(bootDisk(config)?.["size"] ?? "0"),
  serial: Object.keys(config).some((name) => /^serial\d$/.test(name)),
}));

/** The process of a running virtual machine. */
export function pidOf({ vmid, startedAt = 0 }: Guest): number {
  return 2000 + ((vmid * 131 + startedAt) % 4_000_000);
}

/** The type and version of the machine that QEMU runs. */
export function machineOf({ config }: Guest): string {
  const { type = "pc" } = parseSetting("qemu", "machine", config["machine"] ?? "");
  const version = /^(\d+\.\d+)/.exec(qemuVersion)?.[1] ?? "";
  if (type === "pc") return `pc-i440fx-${version}+pve0`;
  return type === "q35" ? `pc-q35-${version}+pve0` : type;
}

/** How many virtual CPUs a machine has, or may get. */
export function cpusOf({ config }: Guest, threads: number): number {
  const { sockets = "1", cores = "1", vcpus } = config;
  return vcpus === undefined ? Math.min(Number(sockets) * Number(cores), threads) : Number(vcpus);
}

const pressure = {
  pressurecpusome: 0,
  pressurecpufull: 0,
  pressureiosome: 0,
  pressureiofull: 0,
  pressurememorysome: 0,
  pressurememoryfull: 0,
};
