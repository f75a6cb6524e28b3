import { parseSetting } from "../guest/config.ts";
import { derived } from "../guest/derived.ts";
import { haStateOf } from "../ha/state.ts";
import type { Guest } from "../state/guest.ts";
import type { World } from "../world.ts";
import { parseSize } from "../guest/sizes.ts";

/** A container as lists show it: PVE::LXC::vmstatus. */
export function describeContainer(world: World, guest: Guest) {
  const { vmid, node, config, status, startedAt } = guest;
  const running = status === "running";
  const { lock, tags, template } = config;
  const maxmem = Number(config["memory"] ?? 512) * 2 ** 20;
  const maxdisk = rootSize(config);
  const uptime = running && startedAt !== undefined ? Math.max(1, world.seconds() - startedAt) : 0;
  return {
    vmid,
    type: "lxc" as const,
    name: config["hostname"] ?? `CT${vmid}`,
    status,
    cpus: Number(config["cores"] ?? config["cpulimit"] ?? 0) || world.node(node).cpu.threads,
    cpu: 0,
    maxmem,
    mem: running ? Math.round(maxmem * 0.2) : 0,
    maxswap: Number(config["swap"] ?? 0) * 2 ** 20,
    swap: 0,
    maxdisk,
    disk: running ? Math.round(maxdisk / 10) : 0,
    diskread: running ? 50_000_000 : 0,
    diskwrite: uptime * 100,
    netin: uptime * 400,
    netout: uptime * 60,
    uptime,
    ...(running ? { pid: 10_000 + vmid, ...pressures } : {}),
    ...(tags === undefined ? {} : { tags }),
    ...(lock === undefined ? {} : { lock }),
    ...(template === "1" ? { template: 1 as const } : {}),
  };
}

/** `GET …/status/current` */
export function describeStatus(world: World, guest: Guest) {
  const state = haStateOf(world, guest);
  return { ...describeContainer(world, guest), ha: state === undefined ? { managed: 0 } : { managed: 1, state } };
}

/** Of a system that has nothing to do. */
const pressures = {
  pressurecpusome: 0,
  pressureiofull: 0,
  pressureiosome: 0,
  pressurememoryfull: 0,
  pressurememorysome: 0,
};

const rootSize = derived((config) => {
  const { size } = parseSetting("lxc", "rootfs", config["rootfs"] ?? "");
  return size === undefined ? 4 * 2 ** 30 : parseSize(size);
});
