import { joinAwaitingPools } from "../access/pool-members.ts";
import { ApiError, explainFailure } from "../api-error.ts";
import { splitList } from "../lists.ts";
import type { Handlers, Parameters } from "../handlers.ts";
import { checkDigest, digestOf, fromSection, toSection } from "../section-config.ts";
import type { Session } from "../state/access.ts";
import type { StorageState, StorageType } from "../state/storage.ts";
import { checkStorageOptions, isStorageType, withPluginDefaults } from "../storage/options.ts";
import { findVolumes } from "../storage/location.ts";
import { removeStorage } from "../storage/remove.ts";
import { capacityOf, describeStorage } from "../storage/status.ts";
import { isOnNode, type World } from "../world.ts";

/** storage.cfg, and how its entries are doing on each node. */
export const storageHandlers: Handlers = {
  "GET /storage": ({ type }, { world, session }) =>
    Object.values(world.state.storages)
      .filter((storage) => type === undefined || storage.type === type)
      .filter(({ storage }) => maySee(world, session, storage))
      .map((storage) => describeConfig(world, storage)),
  "POST /storage": (parameters, { world }) =>
    explainFailure("create storage failed", () => createStorage(world, parameters)),
  "GET /storage/{storage}": ({ storage }, { world }) => describeConfig(world, findStorage(world, storage)),
  "PUT /storage/{storage}": (parameters, { world }) =>
    explainFailure("update storage failed", () => updateStorage(world, parameters)),
  "DELETE /storage/{storage}": ({ storage }, { world }) =>
    explainFailure("delete storage failed", () => {
      findStorage(world, storage);
      removeStorage(world.state, storage);
      return null;
    }),
  "GET /nodes/{node}/storage": (filter, { world, session }) => {
    const { node, storage: name, content, enabled = false, target, format = false } = filter;
    const wanted = splitList(content);
    return Object.values(world.state.storages)
      .filter((storage) => isOnNode(storage, node) && (target === undefined || isOnNode(storage, target)))
      .filter(({ storage }) => name === undefined || storage === name)
      .filter((storage) => wanted.length === 0 || wanted.some((type) => contentOf(storage).includes(type)))
      .filter(({ config }) => !enabled || config["disable"] !== "1")
      .filter(({ storage }) => maySee(world, session, storage))
      .map((storage) => ({
        storage: storage.storage,
        ...describeStorage(world, node, storage),
        ...(format ? { formats: formatsOf(storage.type) } : {}),
      }));
  },
  "GET /nodes/{node}/storage/{storage}/status": ({ node, storage: name }, { world }) => {
    const storage = findStorage(world, name);
    if (!isOnNode(storage, node)) {
      throw new ApiError(500, `storage '${name}' is not available on node '${node}'`);
    }
    return describeStorage(world, node, storage);
  },
};

/** The content types of a storage. */
export function contentOf({ config }: StorageState): string[] {
  return splitList(config["content"]);
}

function createStorage(world: World, { storage, type, password, ...parameters }: Parameters<"POST /storage">) {
  if (!isStorageType(type)) throw new ApiError(501, `the simulator does not know storages of type '${type}' yet`);
  const { storages } = world.state;
  if (storages[storage] !== undefined) throw new ApiError(500, `storage ID '${storage}' already defined`);
  const options = toSection(parameters);
  checkStorageOptions(type, options, true);
  const config = withPluginDefaults(type, storage, options);
  requirePool(world, type, config);
  const state: StorageState = { storage, type, config, size: capacityOf(type), offline: [] };
  if (password !== undefined) state.secret = password;
  storages[storage] = state;
  findVolumes(world.state, state);
  joinAwaitingPools(world.state, `/storage/${storage}`);
  return { storage, type };
}

function updateStorage(
  world: World,
  { storage: name, delete: remove, digest, password, ...parameters }: Parameters<"PUT /storage/{storage}">,
) {
  const storage = findStorage(world, name);
  checkDigest(world.state.storages, digest);
  const changes = toSection(parameters);
  checkStorageOptions(storage.type, changes, false);
  if (changes["content"] !== undefined)
    changes["content"] = [...new Set(splitList(changes["content"]))].sort().join(",");
  for (const option of splitList(remove)) {
    checkStorageOptions(storage.type, { [option]: "" }, false);
    if (option in changes) throw new ApiError(500, `unable to set and delete property '${option}' at the same time!`);
    Reflect.deleteProperty(storage.config, option);
    if (option === "password") delete storage.secret;
  }
  Object.assign(storage.config, changes);
  if (password !== undefined) storage.secret = password;
  return { storage: name, type: storage.type };
}

/** A new storage is activated: what it stands on has to be there on one of its nodes. */
function requirePool(world: World, type: StorageType, config: Readonly<Record<string, string>>): void {
  if (type !== "zfspool") return;
  const pool = config["pool"] ?? "";
  const [name = ""] = pool.split("/");
  const nodes = splitList(config["nodes"]);
  const found = Object.values(world.state.nodes).some(
    (node) => (nodes.length === 0 || nodes.includes(node.name)) && node.zpools[name]?.datasets[pool] !== undefined,
  );
  if (!found) throw new ApiError(500, `zfs error: cannot open '${pool}': dataset does not exist`);
}

function findStorage(world: World, name: string): StorageState {
  const storage = world.state.storages[name];
  if (storage === undefined) throw new ApiError(500, `storage '${name}' does not exist`);
  return storage;
}

function describeConfig(world: World, { storage, type, config }: StorageState) {
  return { ...fromSection(config, "POST /storage"), storage, type, digest: digestOf(world.state.storages) };
}

function maySee(world: World, session: Session, storage: string): boolean {
  return world.may(session, `/storage/${storage}`, "Datastore.Audit", "Datastore.AllocateSpace", "Datastore.Allocate");
}

function formatsOf(type: StorageType) {
  if (type === "zfspool") return { default: "raw" as const, supported: ["raw" as const, "subvol" as const] };
  if (type === "pbs") return { default: "raw" as const, supported: ["raw" as const] };
  return { default: "raw" as const, supported: ["qcow2" as const, "raw" as const, "subvol" as const, "vmdk" as const] };
}
