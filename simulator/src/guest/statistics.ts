import { describeMachine } from "../qemu/describe.ts";
import { describeContainer } from "../lxc/status.ts";
import type { Guest } from "../state/guest.ts";
import type { World } from "../world.ts";

/** What the cluster knows of a guest: where it is, and how it does as long as its node tells. */
export type GuestStatistics = Pick<Guest, "node" | "type" | "vmid"> &
  Partial<Omit<ReturnType<typeof measureGuest>, "id" | "node" | "status" | "type" | "vmid">> & {
    readonly id: string;
    readonly status: Guest["status"] | "unknown";
  };

/** A guest as the whole cluster knows it, in lists of resources and of a pool's members: PVE::API2Tools::extract_vm_stats. */
export function describeGuest(world: World, guest: Guest): GuestStatistics {
  const { type, vmid, node } = guest;
  // Nobody tells how those do whose node is off.
  if (world.state.nodes[node]?.off === true) return { id: `${type}/${vmid}`, type, vmid, node, status: "unknown" };
  return measureGuest(world, guest);
}

/** What the node of a guest tells the others of it. */
export function measureGuest(world: World, guest: Guest) {
  const { type, vmid, node, config } = guest;
  const measured = type === "lxc" ? describeContainer(world, guest) : describeMachine(world, guest);
  return {
    id: `${type}/${vmid}`,
    type,
    vmid,
    node,
    name: measured.name,
    status: measured.status,
    template: config["template"] === "1" ? (1 as const) : (0 as const),
    uptime: measured.uptime,
    cpu: measured.cpu,
    maxcpu: measured.cpus,
    mem: measured.mem,
    maxmem: measured.maxmem,
    // Of a container the host sees what it sees itself.
    memhost: measured.mem,
    disk: measured.disk,
    maxdisk: measured.maxdisk,
    diskread: measured.diskread,
    diskwrite: measured.diskwrite,
    netin: measured.netin,
    netout: measured.netout,
  };
}
