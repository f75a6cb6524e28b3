import { removeAclOn } from "../access/acl.ts";
import { mayModifyPermissions } from "../access/authorization.ts";
import { permissionError } from "../access/permissions.ts";
import { poolsAwaiting, setAwaited } from "../access/pool-members.ts";
import { ApiError, explainFailure } from "../api-error.ts";
import { describeGuest } from "../guest/statistics.ts";
import type { Context, Handlers, Parameters } from "../handlers.ts";
import { splitList } from "../lists.ts";
import type { PoolState } from "../state/cluster.ts";
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
      .map((pool) => ({ poolid: pool, ...commentOf(findPool(world, pool)) }));
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

function findPool({ state }: World, poolid: string): PoolState {
  const pool = Object.hasOwn(state.pools, poolid) ? state.pools[poolid] : undefined;
  if (pool === undefined) throw new ApiError(500, `pool '${poolid}' does not exist`);
  return pool;
}

function describePool(world: World, poolid: string, type: Parameters<"GET /pools">["type"]) {
  const pool = findPool(world, poolid);
  const guests = Object.values(world.state.guests)
    .filter((guest) => guest.pool === poolid && (type === undefined || type === guest.type))
    .sort((a, b) => (String(a.vmid) < String(b.vmid) ? -1 : 1))
    .map((guest) => describeGuest(world, guest));
  const storages = type === undefined || type === "storage" ? describeStorages(world, poolid) : [];
  return { members: [...guests, ...storages], ...commentOf(pool) };
}

function commentOf({ comment }: PoolState): { comment?: string } {
  return comment === undefined ? {} : { comment };
}

/** Each storage once, as the first of its nodes sees it. */
function describeStorages(world: World, poolid: string) {
  return Object.values(world.state.storages)
    .filter(({ pools = [] }) => pools.includes(poolid))
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
    for (const vmid of splitList(vms).map(Number)) {
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

function addGuest({ world, session }: Context, poolid: string, vmid: number, allowMove: boolean): void {
  const { state } = world;
  const guest = state.guests[vmid];
  const before = guest === undefined ? poolsAwaiting(state, `/vms/${vmid}`)[0] : guest.pool;
  if (before === poolid) throw new ApiError(500, `VM ${vmid} is already a pool member`);
  if (before !== undefined) {
    if (!allowMove) {
      throw new ApiError(500, `VM ${vmid} belongs already to pool '${before}' and 'allow-move' is not set`);
    }
    world.require(session, `/pool/${before}`, "Pool.Allocate");
    setAwaited(state, before, `/vms/${vmid}`, false);
  }
  if (guest === undefined) setAwaited(state, poolid, `/vms/${vmid}`, true);
  else guest.pool = poolid;
}

function removeGuest({ state }: World, poolid: string, vmid: number): void {
  const guest = state.guests[vmid];
  if (guest?.pool === poolid) delete guest.pool;
  else if (poolsAwaiting(state, `/vms/${vmid}`).includes(poolid)) setAwaited(state, poolid, `/vms/${vmid}`, false);
  else throw new ApiError(500, `VM ${vmid} is not a pool member`);
}

function addStorage({ state }: World, poolid: string, id: string): void {
  const storage = state.storages[id];
  const pools = storage?.pools ?? poolsAwaiting(state, `/storage/${id}`);
  if (pools.includes(poolid)) throw new ApiError(500, `Storage '${id}' is already a pool member`);
  if (storage === undefined) setAwaited(state, poolid, `/storage/${id}`, true);
  else storage.pools = [...pools, poolid];
}

function removeStorage({ state }: World, poolid: string, id: string): void {
  const storage = state.storages[id];
  if (storage?.pools?.includes(poolid)) storage.pools = storage.pools.filter((pool) => pool !== poolid);
  else if (poolsAwaiting(state, `/storage/${id}`).includes(poolid)) setAwaited(state, poolid, `/storage/${id}`, false);
  else throw new ApiError(500, `Storage '${id}' is not a pool member`);
}

function deletePool(world: World, poolid: string): null {
  explainFailure("delete pool failed", () => {
    const { state } = world;
    findPool(world, poolid);
    const inside = Object.keys(state.pools).find((name) => name.startsWith(`${poolid}/`));
    if (inside !== undefined) throw new ApiError(500, `pool '${poolid}' is not empty (contains pool '${inside}')`);
    const guest = Object.values(state.guests).find(({ pool }) => pool === poolid);
    if (guest !== undefined) throw new ApiError(500, `pool '${poolid}' is not empty (contains VM ${guest.vmid})`);
    const storage = Object.values(state.storages).find(({ pools = [] }) => pools.includes(poolid));
    if (storage !== undefined) {
      throw new ApiError(500, `pool '${poolid}' is not empty (contains storage '${storage.storage}')`);
    }
    Reflect.deleteProperty(state.pools, poolid);
    removeAclOn(state.access, `/pool/${poolid}`);
  });
  return null;
}
