import { renderCount } from "./size-text.ts";
import type { Topology } from "./topology.ts";

/** The homelab in one line: how much there is of what. */
export function summarizeHomelab({ nodes, guests, networks }: Topology): string {
  const ofKind = (kind: Topology["guests"][number]["kind"]) => guests.filter((guest) => guest.kind === kind).length;
  return [
    renderCount(nodes.length, "node"),
    renderCount(networks.length, "network"),
    renderCount(ofKind("container"), "container"),
    renderCount(ofKind("machine"), "virtual machine"),
    renderCount(ofKind("talos"), "Kubernetes node"),
  ].join(" · ");
}

/** The homelab in sentences, for who does not see the picture. */
export function describeHomelab(topology: Topology): string {
  const { nodes, guests, networks, targets } = topology;
  return [
    `${summarizeHomelab(topology)}.`,
    ...networks.map(({ name, vlan, subnet }) => {
      const own = guests.filter(({ network }) => network === name);
      const names = own.map((guest) => `${guest.name} (${guest.address}, on ${guest.node})`);
      return `Network ${name}, VLAN ${vlan}, ${subnet}: ${names.length === 0 ? "no guests" : names.join(", ")}.`;
    }),
    ...nodes.map(({ name, model, cpuModel, pools }) => {
      const disks = pools.map((pool) => `${pool.name} of ${pool.disks.join(" and ")}, ${pool.redundancy}`);
      return `Node ${name}, ${model}, ${cpuModel}; pools: ${disks.length === 0 ? "none" : disks.join("; ")}.`;
    }),
    ...guests
      .filter(({ published }) => published.length > 0)
      .map(({ name, published, backends }) => {
        const behind = backends.map(({ guest, port }) => `${guest}:${port}`);
        return `The internet reaches ${name} on ${published.join(", ")}; it may reach ${behind.length === 0 ? "no other guest" : behind.join(", ")}.`;
      }),
    ...targets.flatMap(({ name, place, jobs }) =>
      jobs.map((job) => `Backups ${job.name} go to ${name} (${place}): ${job.starts.join(", ")}; kept: ${job.keeps}.`),
    ),
  ].join(" ");
}
