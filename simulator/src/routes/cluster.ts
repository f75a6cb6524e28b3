import { ApiError, invalidParameters } from "../api-error.ts";
import { defineEndpoints } from "../endpoint.ts";
import { clusterParameters } from "../parameters/cluster.ts";
import { version } from "../version.ts";
import type { World } from "../world.ts";
import { describeContainer } from "./lxc.ts";
import { describeNode } from "./nodes.ts";
import { describeStorage } from "./storage.ts";
import { describeTask } from "./tasks.ts";

/** What concerns the cluster as a whole. */
export const clusterEndpoints = defineEndpoints(clusterParameters, {
  "GET /version": () => version,
  "GET /cluster/resources": ({ type }, { world }) =>
    listResources(world).filter((resource) => type === undefined || kinds[resource.type] === type),
  "GET /cluster/status": (_parameters, { world: { state } }) => [
    { type: "cluster", id: "cluster", name: state.name, nodes: state.nodes.length, quorate: 1, version: 1 },
    ...state.nodes.map(({ name, address }, index) => ({
      type: "node",
      id: `node/${name}`,
      name,
      ip: address,
      nodeid: index + 1,
      online: 1,
      local: index === 0 ? 1 : 0,
      level: "",
    })),
  ],
  "GET /cluster/nextid": ({ vmid }, { world }) => nextVmid(world, vmid),
  "GET /cluster/tasks": (_parameters, { world }) => world.state.tasks.map(describeTask).reverse(),
  "GET /pools": () => [],
  "GET /pools/{poolid}": ({ poolid }) => {
    throw new ApiError(500, `no such pool '${poolid}'`);
  },
});

const kinds: Readonly<Record<string, string>> = { lxc: "vm", qemu: "vm", storage: "storage", node: "node" };

function listResources(world: World): { readonly type: string }[] {
  const { guests, nodes, storages } = world.state;
  return [
    ...guests.map((guest) => ({
      ...describeContainer(world, guest),
      id: `lxc/${guest.vmid}`,
      node: guest.node,
      type: "lxc",
    })),
    ...nodes.map((node) => ({ ...describeNode(node), type: "node" })),
    ...nodes.flatMap(({ name }) =>
      storages
        .filter((storage) => storage.nodes?.includes(name) ?? true)
        .map((storage) => {
          const { used, total } = describeStorage(world, name, storage);
          const { storage: id, type: plugintype, content, shared } = storage;
          return {
            type: "storage",
            id: `storage/${name}/${id}`,
            node: name,
            storage: id,
            plugintype,
            content: content.join(","),
            shared: shared ? 1 : 0,
            status: "available",
            disk: used,
            maxdisk: total,
          };
        }),
    ),
  ];
}

function nextVmid({ state }: World, wanted: number | undefined): string {
  const taken = new Set(state.guests.map(({ vmid }) => vmid));
  if (wanted !== undefined) {
    if (taken.has(wanted)) throw invalidParameters({ vmid: `VM ${wanted} already exists` });
    return String(wanted);
  }
  let vmid = 100;
  while (taken.has(vmid)) vmid++;
  return String(vmid);
}
