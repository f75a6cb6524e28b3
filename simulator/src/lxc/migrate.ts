import { ApiError, invalidParameters } from "../api-error.ts";
import { clonesOf } from "../guest/linked-clones.ts";
import { requestFromHa } from "../guest/ha-requests.ts";
import { volumesOfGuest } from "../guest/volumes.ts";
import { findCompanions, findObstacles } from "../ha/moves.ts";
import { sidOf } from "../ha/state.ts";
import type { Context, Parameters } from "../handlers.ts";
import { splitList } from "../lists.ts";
import type { Guest } from "../state/guest.ts";
import type { Log, Step } from "../tasks.ts";
import { isShared, splitVolumeId, type World } from "../world.ts";
import { bringDown, bringUp, refuseLocked } from "./life.ts";
import { mountPointsOf } from "./mount-points.ts";
import { requireOnContainer } from "./permissions.ts";

type MigrateParameters = Parameters<"POST /nodes/{node}/lxc/{vmid}/migrate">;

/** Where the volumes of a storage go: `1` for the same, one for all, or pairs. */
type StorageMap = (storage: string) => string;

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
  const { world, session } = context;
  if (target === node) throw invalidParameters({ target: "target is local node." });
  if (world.state.nodes[target] === undefined) throw new ApiError(500, `no such cluster node '${target}'`);
  const guest = world.guest("lxc", node, vmid);
  if (guest.status === "running" && !online && !restart) {
    throw new ApiError(500, "can't migrate running container without --online or --restart");
  }
  const storageMap = checkStorages(parameters, context);
  const asked = requestFromHa(context, guest, { kind: "migrate", target, online });
  if (asked !== undefined) return asked;
  const started = world.seconds();
  const state = { locked: false, running: false };
  const fail = (log: Log, error: unknown): never => {
    if (!(error instanceof ApiError)) throw error;
    log(
      `${timeStamp(world)} ERROR: migration aborted (duration ${duration(world.seconds() - started)}): ${error.message}`,
    );
    throw new ApiError(500, "migration aborted");
  };
  const finish = (log: Log): undefined => {
    const moved = world.guest("lxc", target, vmid);
    delete moved.config["lock"];
    log(`${timeStamp(world)} start final cleanup`);
    if (state.running) {
      log(`${timeStamp(world)} start container on target node`);
      log(
        `${timeStamp(world)} # /usr/bin/ssh -e none -o 'HostKeyAlias=${target}' root@${world.node(target).address} pct start ${vmid}`,
      );
      bringUp(world, moved, log);
    }
    log(`${timeStamp(world)} migration finished successfully (duration ${duration(world.seconds() - started)})`);
  };
  const transfer = (log: Log): Step => {
    const moving = world.guest("lxc", node, vmid);
    try {
      moveVolumes(world, moving, target, storageMap, log);
    } catch (error) {
      fail(log, error);
    }
    return { seconds: 1, work: finish };
  };
  const begin = (log: Log): Step => {
    const moving = world.guest("lxc", node, vmid);
    try {
      checkPreconditions(world, moving, { target, online, restart, storageMap });
    } catch (error) {
      fail(log, error);
    }
    state.running = moving.status === "running";
    if (state.running) {
      log(`${timeStamp(world)} shutdown CT ${vmid}`);
      bringDown(moving);
    }
    log(`${timeStamp(world)} starting migration of CT ${vmid} to node '${target}' (${world.node(target).address})`);
    moving.config["lock"] = "migrate";
    state.locked = true;
    return { seconds: 15, work: transfer };
  };
  return world.tasks.start({
    node,
    type: "vzmigrate",
    id: vmid,
    session,
    seconds: 1,
    work: begin,
    undo: () => {
      const left = world.state.guests[vmid];
      if (!state.locked || left === undefined) return;
      delete left.config["lock"];
      if (state.running) Object.assign(left, { status: "running", startedAt: world.seconds() });
    },
  });
}

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
  if (!pairs.includes("1")) requireOnContainer(context, { vmid }, "VM.Config.Disk");
  for (const storage of [...entries.values(), ...(fallback === undefined ? [] : [fallback])]) {
    const { config } = world.storage(target, storage);
    world.require(session, `/storage/${storage}`, "Datastore.AllocateSpace");
    if (!(config["content"] ?? "").split(",").includes("rootdir")) {
      throw invalidParameters({ storage: `storage '${storage}' does not support CT rootdirs` });
    }
  }
  return (storage) => entries.get(storage) ?? fallback ?? storage;
}

interface Migration {
  readonly target: string;
  readonly online: boolean;
  readonly restart: boolean;
  readonly storageMap: StorageMap;
}

function checkPreconditions(world: World, guest: Guest, { target, online, restart, storageMap }: Migration): void {
  refuseLocked(guest);
  if (guest.status === "running") {
    if (online) throw new ApiError(500, "lxc live migration is currently not implemented");
    if (!restart) throw new ApiError(500, "running container can only be migrated in restart mode");
  }
  for (const { key, kind, volume, options } of mountPointsOf(guest.config)) {
    if (kind !== "volume") {
      if (options["shared"] !== "1") throw new ApiError(500, `cannot migrate local ${kind} mount point '${key}'`);
      continue;
    }
    const { storage } = splitVolumeId(volume);
    world.storage(guest.node, storage);
    world.storage(target, storageMap(storage));
  }
}

/** Sends local volumes, snapshots and all; those of shared storages are there already. */
function moveVolumes(world: World, guest: Guest, target: string, storageMap: StorageMap, log: Log): void {
  const { node, config, snapshots } = guest;
  const local = volumesOfGuest(world, guest).filter(
    ({ id }) => !isShared(world.storage(node, splitVolumeId(id).storage)),
  );
  for (const { id } of local) log(`${timeStamp(world)} found local volume '${id}' (${describeUse(guest, id)})`);
  const obstacles = local.flatMap(({ id, volume }) => {
    if (volume.parent !== undefined) return [`can't migrate local volume '${id}': clone of '${volume.parent}'`];
    const clones = clonesOf(world, node, id);
    return clones.length > 0 ? [`can't migrate local volume '${id}': base volume is used by linked clones`] : [];
  });
  if (obstacles.length > 0) {
    for (const obstacle of obstacles) log(`${timeStamp(world)} WARN: ${obstacle}`);
    throw new ApiError(500, "can't migrate CT - check log");
  }
  for (const { id, volume } of local) {
    const { storage, name } = splitVolumeId(id);
    const there = storageMap(storage);
    const volumes = world.volumesOn(target, there);
    if (volumes[name] !== undefined) throw new ApiError(500, `volume '${there}:${name}' already exists`);
    volumes[name] = { ...volume, ...(volume.snapshots === undefined ? {} : { snapshots: { ...volume.snapshots } }) };
    Reflect.deleteProperty(world.volumesOn(node, storage), name);
    log(`successfully imported '${there}:${name}'`);
    log(`${timeStamp(world)} volume '${id}' is '${there}:${name}' on the target`);
    if (there === storage) continue;
    for (const section of [config, ...Object.values(snapshots).map((snapshot) => snapshot.config)]) {
      for (const [key, text] of Object.entries(section)) section[key] = text.replace(id, `${there}:${name}`);
    }
  }
  guest.node = target;
}

function describeUse({ config, snapshots }: Guest, id: string): string {
  const names = (section: Readonly<Record<string, string>>) => Object.values(section).some((text) => text.includes(id));
  if (names(config)) return "in current VM config";
  return Object.values(snapshots).some((snapshot) => names(snapshot.config))
    ? "referenced by snapshot(s)"
    : "via storage";
}

function timeStamp(world: World): string {
  return new Date(world.seconds() * 1000).toISOString().slice(0, 19).replace("T", " ");
}

function duration(seconds: number): string {
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
}
