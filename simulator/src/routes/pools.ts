import { removeAclOn } from "../access/acl.ts";
import { mayModifyPermissions } from "../access/authorization.ts";
import { permissionError } from "../access/permissions.ts";
import { ApiError, explainFailure } from "../api-error.ts";
import { describeGuest } from "../guest/statistics.ts";
import type { Context, Handlers, Parameters } from "../handlers.ts";
import { splitList } from "../lists.ts";
import { isOnNode, type World } from "../world.ts";
import { describeStorageOn } from "./cluster-resources.ts";

/** Pools of guests and storages: https://pve.proxmox.com/wiki/User_Management#pveum_pools */
export const poolHandlers: Handlers = {
  "GET /pools": ({ poolid, type }, { world, session }) => {
    if (poolid !== undefined) {
      world.require(session, `/pool/${poolid}`, "Pool.Audit");
      return [{ poolid, ...describePool(world, poolid, type) }];
    }
    return Object.keys(world.state.pools)
      .sort()
      .filter((pool) => world.may(session, `/pool/${pool}`, "Pool.Audit"))
      .map((pool) => ({ poolid: pool, ...world.state.pools[pool] }));
  },
  "POST /pools": ({ poolid, comment = "" }, { world }) =>
    explainFailure("create pool failed", () => {
      const { pools } = world.state;
      if (pools[poolid] !== undefined) throw new ApiError(500, `pool '${poolid}' already exists`);
      const parent = poolid.includes("/") ? poolid.slice(0, poolid.lastIndexOf("/")) : undefined;
      if (parent !== undefined && pools[parent] === undefined) {
        throw new ApiError(500, `parent '${parent}' of pool '${poolid}' does not exist`);
      }
      pools[poolid] = comment === "" ? {} : { comment };
      return null;
    }),
  "PUT /pools": updatePool,
  "DELETE /pools": ({ poolid }, { world }) => deletePool(world, poolid),
  "GET /pools/{poolid}": ({ poolid, type }, { world }) => describePool(world, poolid, type),
  "PUT /pools/{poolid}": updatePool,
  "DELETE /pools/{poolid}": ({ poolid }, { world }) => deletePool(world, poolid),
};

function findPool({ state }: World, poolid: string): { comment?: string } {
  const pool = Object.hasOwn(state.pools, poolid) ? state.pools[poolid] : undefined;
  if (pool === undefined) throw new ApiError(500, `pool '${poolid}' does not exist`);
  return pool;
}

function describePool(world: World, poolid: string, type: Parameters<"GET /pools">["type"]) {
  const { comment } = findPool(world, poolid);
  const guests = Object.values(world.state.guests)
    .filter((guest) => guest.pool === poolid && (type === undefined || type === guest.type))
    .sort((a, b) => (String(a.vmid) < String(b.vmid) ? -1 : 1))
    .map((guest) => describeGuest(world, guest));
  const storages = type === undefined || type === "storage" ? describeStorages(world, poolid) : [];
  return { members: [...guests, ...storages], ...(comment === undefined ? {} : { comment }) };
}

/** Each storage once, as the first of its nodes sees it. */
function describeStorages(world: World, poolid: string) {
  return Object.values(world.state.storages)
    .filter(({ pool }) => pool === poolid)
    .sort((a, b) => (a.storage < b.storage ? -1 : 1))
    .flatMap((storage) => {
      const node = Object.keys(world.state.nodes).find((name) => isOnNode(storage, name));
      return node === undefined ? [] : [describeStorageOn(world, node, storage)];
    });
}

function updatePool(change: Parameters<"PUT /pools">, context: Context): null {
  const { world } = context;
  const { poolid, comment, vms, storage, delete: removing = false } = change;
  explainFailure("update pools failed", () => {
    const pool = findPool(world, poolid);
    if (comment !== undefined) pool.comment = comment;
    // user.cfg has no empty comments.
    if (comment === "") delete pool.comment;
    for (const vmid of splitList(vms)) {
      requireModify(context, `/vms/${vmid}`);
      if (removing) removeGuest(world, poolid, vmid);
      else addGuest(context, poolid, vmid, change["allow-move"] ?? false);
    }
    for (const id of splitList(storage)) {
      requireModify(context, `/storage/${id}`);
      if (removing) removeStorage(world, poolid, id);
      else addStorage(world, poolid, id);
    }
  });
  return null;
}

function requireModify({ world, session }: Context, path: string): void {
  if (mayModifyPermissions(world.state, session.user, path)) return;
  const allocate = path.startsWith("/vms/") ? "VM.Allocate" : "Datastore.Allocate";
  throw permissionError(`${path}, Permissions.Modify|${allocate}`);
}

function addGuest({ world, session }: Context, poolid: string, vmid: string, allowMove: boolean): void {
  const guest = world.state.guests[vmid];
  if (guest === undefined) throw new ApiError(501, "the simulator does not know pool members that do not exist yet");
  if (guest.pool === poolid) throw new ApiError(500, `VM ${vmid} is already a pool member`);
  if (guest.pool !== undefined) {
    if (!allowMove) {
      throw new ApiError(500, `VM ${vmid} belongs already to pool '${guest.pool}' and 'allow-move' is not set`);
    }
    world.require(session, `/pool/${guest.pool}`, "Pool.Allocate");
  }
  guest.pool = poolid;
}

function removeGuest({ state }: World, poolid: string, vmid: string): void {
  const guest = state.guests[vmid];
  if (guest?.pool !== poolid) throw new ApiError(500, `VM ${vmid} is not a pool member`);
  delete guest.pool;
}

function addStorage({ state }: World, poolid: string, id: string): void {
  const storage = state.storages[id];
  if (storage === undefined) throw new ApiError(501, "the simulator does not know pool members that do not exist yet");
  if (storage.pool === poolid) throw new ApiError(500, `Storage '${id}' is already a pool member`);
  if (storage.pool !== undefined) {
    throw new ApiError(501, "the simulator does not know storages that are members of more than one pool yet");
  }
  storage.pool = poolid;
}

function removeStorage({ state }: World, poolid: string, id: string): void {
  const storage = state.storages[id];
  if (storage?.pool !== poolid) throw new ApiError(500, `Storage '${id}' is not a pool member`);
  delete storage.pool;
}

function deletePool(world: World, poolid: string): null {
  explainFailure("delete pool failed", () => {
    const { state } = world;
    findPool(world, poolid);
    const inside = Object.keys(state.pools).find((name) => name.startsWith(`${poolid}/`));
    if (inside !== undefined) throw new ApiError(500, `pool '${poolid}' is not empty (contains pool '${inside}')`);
    const guest = Object.values(state.guests).find(({ pool }) => pool === poolid);
    if (guest !== undefined) throw new ApiError(500, `pool '${poolid}' is not empty (contains VM ${guest.vmid})`);
    const storage = Object.values(state.storages).find(({ pool }) => pool === poolid);
    if (storage !== undefined) {
      throw new ApiError(500, `pool '${poolid}' is not empty (contains storage '${storage.storage}')`);
    }
    Reflect.deleteProperty(state.pools, poolid);
    removeAclOn(state.access, `/pool/${poolid}`);
  });
  return null;
}
