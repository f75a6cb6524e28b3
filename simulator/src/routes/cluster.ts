import { invalidParameters } from "../api-error.ts";
import type { Handlers } from "../handlers.ts";
import { version } from "../version.ts";
import { isOnNode, type World } from "../world.ts";
import { describeContainer } from "./lxc.ts";
import { describeNode } from "./nodes.ts";
import { describeStorage } from "./storage.ts";

/** What concerns the cluster as a whole. */
export const clusterHandlers: Handlers = {
  "GET /version": () => version,
  "GET /cluster/resources": ({ type }, { world }) =>
    listResources(world).filter((resource) => type === undefined || kinds[resource.type] === type),
  "GET /cluster/status": (_parameters, { world: { state } }) => [
    {
      type: "cluster",
      id: "cluster",
      name: state.name,
      nodes: Object.keys(state.nodes).length,
      quorate: 1,
      version: 1,
    },
    ...Object.values(state.nodes).map(({ name, address, id }) => ({
      type: "node" as const,
      id: `node/${name}`,
      name,
      ip: address,
      nodeid: id,
      online: 1 as const,
      local: id === 1 ? (1 as const) : (0 as const),
      level: "",
    })),
  ],
  "GET /cluster/nextid": ({ vmid }, { world }) => nextVmid(world, vmid),
};

const kinds: Readonly<Record<string, string>> = { lxc: "vm", qemu: "vm", storage: "storage", node: "node" };

function listResources(world: World) {
  const { guests, nodes, storages } = world.state;
  return [
    ...Object.values(guests).map((guest) => ({
      ...describeContainer(world, guest),
      id: `lxc/${guest.vmid}`,
      node: guest.node,
      type: "lxc" as const,
    })),
    ...Object.values(nodes).map((node) => ({ ...describeNode(world, node), type: "node" as const })),
    ...Object.keys(nodes).flatMap((node) =>
      Object.values(storages)
        .filter((storage) => isOnNode(storage, node))
        .map((storage) => {
          const { used, total, content, shared } = describeStorage(world, node, storage);
          const { storage: id, type: plugintype } = storage;
          return {
            type: "storage" as const,
            id: `storage/${node}/${id}`,
            node,
            storage: id,
            plugintype,
            content,
            shared,
            status: "available",
            disk: used,
            maxdisk: total,
          };
        }),
    ),
  ];
}

function nextVmid({ state }: World, wanted: number | undefined): number {
  if (wanted !== undefined) {
    if (state.guests[wanted] !== undefined) throw invalidParameters({ vmid: `VM ${wanted} already exists` });
    return wanted;
  }
  let vmid = 100;
  while (state.guests[vmid] !== undefined) vmid++;
  return vmid;
}
