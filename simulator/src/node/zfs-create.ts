import { joinAwaitingPools } from "../access/pool-members.ts";
import { ApiError } from "../api-error.ts";
import { splitList } from "../lists.ts";
import type { Context, Parameters } from "../handlers.ts";
import { parsePropertyString } from "../property-string.ts";
import type { NodeState, ZfsPool } from "../state/node.ts";
import type { Log } from "../tasks.ts";
import type { World } from "../world.ts";
import { findDisk, linkOf, usageOf } from "./disks.ts";

type CreateParameters = Parameters<"POST /nodes/{node}/disks/zfs">;

const fewest: Readonly<Record<ZfsPool["raid"], number>> = {
  single: 1,
  mirror: 2,
  raid10: 4,
  raidz: 3,
  raidz2: 4,
  raidz3: 5,
  draid: 3,
  draid2: 4,
  draid3: 5,
};

/** `POST /nodes/{node}/disks/zfs` */
export function createPool(parameters: CreateParameters, { world, session }: Context): string {
  const { node, name, raidlevel, add_storage: addStorage = false } = parameters;
  if (addStorage) world.require(session, "/storage", "Datastore.Allocate");
  const draid = draidOf(parameters);
  const devices = splitList(parameters.devices).map((path) => findDisk(world.node(node), path).devpath);
  for (const device of devices) requireUnused(world.node(node), device);
  if (addStorage) checkStorage(world, node, name);
  if (world.node(node).zpools[name] !== undefined) {
    throw new ApiError(500, `pool '${name}' already exists on node '${node}'`);
  }
  checkNumber(raidlevel, devices.length, draid);
  return world.tasks.start({
    node,
    type: "zfscreate",
    id: name,
    session,
    seconds: 4,
    work: (log) => {
      for (const device of devices) requireUnused(world.node(node), device);
      makePool(world, { ...parameters, draid, devices }, log);
      if (addStorage) enableStorage(world, node, name, log);
      return undefined;
    },
  });
}

function draidOf(parameters: CreateParameters): ZfsPool["draid"] {
  const { raidlevel, "draid-config": text } = parameters;
  if (text === undefined) return undefined;
  if (!raidlevel.startsWith("draid")) throw new ApiError(500, "draid-config set without using dRAID level");
  const parsed = parsePropertyString({ data: { type: "integer" }, spares: { type: "integer" } }, text);
  if (typeof parsed === "string") throw new ApiError(500, parsed);
  return { data: Number(parsed["data"]), spares: Number(parsed["spares"]) };
}

function requireUnused(node: NodeState, device: string): void {
  if (usageOf(node, device) !== undefined) throw new ApiError(500, `device '${device}' is already in use`);
}

function checkNumber(raid: ZfsPool["raid"], count: number, draid: ZfsPool["draid"]): void {
  if (raid === "raid10" && count % 2 !== 0) throw new ApiError(500, "raid10 needs an even number of disks");
  if (raid === "single" && count > 1) throw new ApiError(500, "please give only one disk for single disk mode");
  if (count < fewest[raid]) throw new ApiError(500, `${raid} needs at least ${fewest[raid]} disks`);
  if (!raid.startsWith("draid")) return;
  const needed = fewest[raid] - 2 + (draid?.data ?? 0) + (draid?.spares ?? 0);
  if (count < needed) throw new ApiError(500, `At least ${needed} disks needed for current dRAID config`);
}

function checkStorage({ state }: World, node: string, name: string): void {
  const storage = state.storages[name];
  if (storage === undefined) return;
  const { nodes, pool } = storage.config;
  if (nodes === undefined || nodes.split(",").includes(node)) {
    throw new ApiError(500, `Storage ID '${name}' already exists on node ${node}`);
  }
  if (storage.type !== "zfspool") {
    throw new ApiError(500, `Option 'type' (zfspool) does not match existing storage configuration '${storage.type}'`);
  }
  if (pool !== name) {
    throw new ApiError(500, `Option 'pool' (${name}) does not match existing storage configuration '${pool ?? ""}'`);
  }
}

type NewPool = Omit<CreateParameters, "devices"> & {
  readonly devices: readonly string[];
  readonly draid: ZfsPool["draid"];
};

function makePool(world: World, { node: nodeName, name, raidlevel, ...rest }: NewPool, log: Log): void {
  const { devices, draid, ashift = 12, compression = "on" } = rest;
  const node = world.node(nodeName);
  const command = `/sbin/zpool create -o ashift=${ashift} ${name} ${layout(node, raidlevel, devices, draid)}`;
  log(`# ${command}`);
  if (new Set(devices).size < devices.length || devices.some((device) => node.disks[device]?.dead === true)) {
    log("invalid vdev specification");
    throw new Error(`command '${command}' failed: exit code 1`);
  }
  log(`# /sbin/zfs set compression=${compression} ${name}`);
  log(`# systemctl enable zfs-import@${name}.service`);
  node.zpools[name] = {
    name,
    guid: String(10_000_000_000_000_000_000n + BigInt(world.seconds()) * 1_000_003n),
    raid: raidlevel,
    disks: [...devices],
    properties: { ashift: String(ashift), autotrim: "off" },
    datasets: { [name]: { compression, mountpoint: `/${name}` } },
    ...(draid === undefined ? {} : { draid }),
  };
  for (const device of devices) delete node.disks[device]?.gpt;
}

/** The disks as `zpool create` takes them. */
function layout(
  { disks }: NodeState,
  raid: ZfsPool["raid"],
  devices: readonly string[],
  draid: ZfsPool["draid"],
): string {
  const links = devices.map((device) => {
    const disk = disks[device];
    return disk === undefined ? device : linkOf(disk);
  });
  if (raid === "single") return links.join(" ");
  if (raid === "raid10") return links.map((link, index) => (index % 2 === 0 ? `mirror ${link}` : link)).join(" ");
  const options = draid === undefined ? "" : `:${draid.data}d${draid.spares === 0 ? "" : `:${draid.spares}s`}`;
  return `${raid}${options} ${links.join(" ")}`;
}

function enableStorage({ state }: World, node: string, name: string, log: Log): void {
  const nodes = state.storages[name]?.config["nodes"];
  if (nodes !== undefined && state.storages[name] !== undefined) {
    state.storages[name].config["nodes"] = [...nodes.split(","), node].sort().join(",");
    log(`Added '${node}' to nodes for storage '${name}'`);
    return;
  }
  state.storages[name] = {
    storage: name,
    type: "zfspool",
    config: { content: "images,rootdir", mountpoint: `/${name}`, nodes: node, pool: name },
    size: 0,
    offline: [],
  };
  joinAwaitingPools(state, `/storage/${name}`);
}
