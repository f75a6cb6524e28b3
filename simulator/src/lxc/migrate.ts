import { requireOnGuest } from "../guest/permissions.ts";
import { ApiError, invalidParameters } from "../api-error.ts";
import { requestFromHa } from "../guest/ha-requests.ts";
import { findCompanions, findObstacles } from "../ha/moves.ts";
import { sidOf } from "../ha/state.ts";
import type { Context, Parameters } from "../handlers.ts";
import { splitList } from "../lists.ts";
import type { Guest } from "../state/guest.ts";
import type { World } from "../world.ts";
import { refuseLocked } from "./life.ts";
import type { StorageMap } from "./migrate-volumes.ts";
import { startMigration } from "./migration.ts";

type MigrateParameters = Parameters<"POST /nodes/{node}/lxc/{vmid}/migrate">;

/** `GET …/migrate` */
export function checkMigration(world: World, guest: Guest) {
  refuseLocked(guest);
  const sid = sidOf(guest);
  const managed = world.state.sections.haResources[sid] !== undefined;
  const others = Object.keys(world.state.nodes).filter((node) => node !== guest.node);
  const obstacles = managed ? others.map((node) => [node, findObstacles(world, sid, node)] as const) : [];
  const blocked = obstacles.filter(([, found]) => found.length > 0);
  return {
    running: guest.status === "running" ? (1 as const) : (0 as const),
    "allowed-nodes": others.filter((node) => !blocked.some(([name]) => name === node)),
    "not-allowed-nodes": Object.fromEntries(
      blocked.map(([node, found]) => [node, { "blocking-ha-resources": found.map((obstacle) => ({ ...obstacle })) }]),
    ),
    ...(managed
      ? { "dependent-ha-resources": [...new Set(others.flatMap((node) => findCompanions(world, sid, node)))] }
      : {}),
  };
}

/** `POST …/migrate` */
export function migrateContainer(parameters: MigrateParameters, context: Context): string {
  const { node, vmid, target, online = false, restart = false } = parameters;
  const { world } = context;
  if (target === node) throw invalidParameters({ target: "target is local node." });
  if (world.state.nodes[target] === undefined) throw new ApiError(500, `no such cluster node '${target}'`);
  const guest = world.guest("lxc", node, vmid);
  if (guest.status === "running" && !online && !restart) {
    throw new ApiError(500, "can't migrate running container without --online or --restart");
  }
  const storageMap = checkStorages(parameters, context);
  const asked = requestFromHa(context, guest, { kind: "migrate", target, online });
  if (asked !== undefined) return asked;
  return startMigration({ node, vmid, target, online, restart, storageMap }, context);
}

/** Reads where volumes go: `1` for the same storages, one storage for all, or pairs. */
function checkStorages({ vmid, target, "target-storage": text }: MigrateParameters, context: Context): StorageMap {
  if (text === undefined) return (storage) => storage;
  const pairs = splitList(text);
  const entries = new Map<string, string>();
  let fallback: string | undefined;
  for (const pair of pairs) {
    const [from = "", to] = pair.split(":");
    if (to !== undefined) entries.set(from, to);
    else if (from !== "1") fallback = from;
  }
  const { world, session } = context;
  if (!pairs.includes("1")) requireOnGuest(context, { vmid }, ["VM.Config.Disk"]);
  for (const storage of [...entries.values(), ...(fallback === undefined ? [] : [fallback])]) {
    const { config } = world.storage(target, storage);
    world.require(session, `/storage/${storage}`, "Datastore.AllocateSpace");
    if (!(config["content"] ?? "").split(",").includes("rootdir")) {
      throw invalidParameters({ storage: `storage '${storage}' does not support CT rootdirs` });
    }
  }
  return (storage) => entries.get(storage) ?? fallback ?? storage;
}
