import { createHash } from "node:crypto";
import { ApiError } from "../api-error.ts";
import { defineEndpoints } from "../endpoint.ts";
import { storageParameters } from "../parameters/storage.ts";
import type { StorageState } from "../state/cluster.ts";
import type { World } from "../world.ts";

/** Storages, and the volumes on them. */
export const storageEndpoints = defineEndpoints(storageParameters, {
  "GET /storage": ({ type }, { world }) =>
    world.state.storages.filter((storage) => type === undefined || storage.type === type).map(describeConfig),
  "GET /storage/{storage}": ({ storage: name }, { world }) => {
    const storage = world.state.storages.find((candidate) => candidate.storage === name);
    if (storage === undefined) throw new ApiError(500, `storage '${name}' does not exist`);
    return describeConfig(storage);
  },
  "GET /nodes/{node}/storage": ({ node, storage: name, content }, { world }) => {
    world.node(node);
    return world.state.storages
      .filter((storage) => storage.nodes?.includes(node) ?? true)
      .filter((storage) => name === undefined || storage.storage === name)
      .filter((storage) => content === undefined || content.split(",").some((type) => storage.content.includes(type)))
      .map((storage) => ({ storage: storage.storage, ...describeStorage(world, node, storage) }));
  },
  "GET /nodes/{node}/storage/{storage}/status": ({ node, storage }, { world }) =>
    describeStorage(world, node, world.storage(node, storage)),
  "GET /nodes/{node}/storage/{storage}/content": ({ node, storage, content, vmid }, { world }) => {
    world.storage(node, storage);
    return world
      .volumesOn(node, storage)
      .filter((volume) => content === undefined || volume.content === content)
      .filter((volume) => vmid === undefined || volume.vmid === vmid)
      .map(({ name, content: type, format, size, vmid: owner, created }) => ({
        volid: `${storage}:${name}`,
        content: type,
        format,
        size,
        ctime: created,
        ...(owner === undefined ? {} : { vmid: owner }),
      }));
  },
});

/** A storage as a node sees it. */
export function describeStorage(world: World, node: string, { storage, type, content, shared, size }: StorageState) {
  const used = world.volumesOn(node, storage).reduce((sum, volume) => sum + volume.size, 0);
  return {
    type,
    content: content.join(","),
    shared: shared ? 1 : 0,
    enabled: 1,
    active: 1,
    total: size,
    used,
    avail: size - used,
    used_fraction: used / size,
  };
}

function describeConfig({ storage, type, content, nodes, path, pool }: StorageState): object {
  return {
    storage,
    type,
    content: content.join(","),
    digest: createHash("sha1").update(storage).digest("hex"),
    ...(nodes === undefined ? {} : { nodes: nodes.join(",") }),
    ...(path === undefined ? {} : { path }),
    ...(pool === undefined ? {} : { pool, sparse: 1 }),
  };
}
