import { describeMachine } from "../qemu/describe.ts";
import { describeContainer } from "../lxc/status.ts";
import type { Guest } from "../state/guest.ts";
import type { World } from "../world.ts";

/** A guest as the whole cluster knows it, in lists of resources and of a pool's members: PVE::API2Tools::extract_vm_stats. */
export function describeGuest(world: World, guest: Guest) {
  const { type, vmid, node, config } = guest;
  const { name, status, uptime, cpu, cpus, mem, maxmem, disk, maxdisk, ...others } =
    type === "lxc" ? { memhost: 0, ...describeContainer(world, guest) } : describeMachine(world, guest);
  const { memhost, diskread, diskwrite, netin, netout } = others;
  return {
    id: `${type}/${vmid}`,
    type,
    vmid,
    node,
    name,
    status,
    template: config["template"] === "1" ? (1 as const) : (0 as const),
    uptime,
    cpu,
    maxcpu: cpus,
    mem,
    maxmem,
    // Of a container the host sees what it sees itself.
    memhost: type === "lxc" ? mem : memhost,
    disk,
    maxdisk,
    diskread,
    diskwrite,
    netin,
    netout,
  };
}
