import { createHash } from "node:crypto";
import { ApiError } from "../api-error.ts";
import type { Handlers } from "../handlers.ts";
import type { StorageState } from "../state/storage.ts";
import { isOnNode, isShared, type World } from "../world.ts";

/** Storages, and the volumes on them. */
export const storageHandlers: Handlers = {
  "GET /storage": ({ type }, { world }) =>
    Object.values(world.state.storages)
      .filter((storage) => type === undefined || storage.type === type)
      .map(describeConfig),
  "GET /storage/{storage}": ({ storage: name }, { world }) => {
    const storage = world.state.storages[name];
    if (storage === undefined) throw new ApiError(500, `storage '${name}' does not exist`);
    return describeConfig(storage);
  },
  "GET /nodes/{node}/storage": ({ node, storage: name, content }, { world }) =>
    Object.values(world.state.storages)
      .filter((storage) => isOnNode(storage, node))
      .filter((storage) => name === undefined || storage.storage === name)
      .filter(
        (storage) => content === undefined || content.split(",").some((type) => contentOf(storage).includes(type)),
      )
      .map((storage) => ({ storage: storage.storage, ...describeStorage(world, node, storage) })),
  "GET /nodes/{node}/storage/{storage}/status": ({ node, storage }, { world }) =>
    describeStorage(world, node, world.storage(node, storage)),
  "GET /nodes/{node}/storage/{storage}/content": ({ node, storage, content, vmid }, { world }) => {
    world.storage(node, storage);
    return Object.values(world.volumesOn(node, storage))
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
};

/** A storage as a node sees it. */
export function describeStorage(world: World, node: string, storage: StorageState) {
  const { type, size, config } = storage;
  const used = Object.values(world.volumesOn(node, storage.storage)).reduce((sum, volume) => sum + volume.size, 0);
  return {
    type,
    content: config["content"] ?? "",
    shared: isShared(storage) ? (1 as const) : (0 as const),
    enabled: 1 as const,
    active: 1 as const,
    total: size,
    used,
    avail: size - used,
    used_fraction: used / size,
  };
}

/** The content types of a storage. */
export function contentOf({ config }: StorageState): string[] {
  return (config["content"] ?? "").split(",");
}

function describeConfig({ storage, type, config }: StorageState) {
  return { ...config, storage, type, digest: createHash("sha1").update(storage).digest("hex") };
}
