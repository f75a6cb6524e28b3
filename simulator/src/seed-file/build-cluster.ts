import { instantClock } from "../clock.ts";
import { perform } from "../perform.ts";
import type { ClusterState, Task } from "../state/cluster.ts";
import { defaultSeed } from "../state/seed.ts";
import type { Volume, VolumeContent } from "../state/storage.ts";
import { formatOfFile, isFileContent } from "../storage/content.ts";
import { isOnNode, World } from "../world.ts";
import { buildNode } from "./build-node.ts";
import { at, SeedIssue } from "./seed-issue.ts";
import type { SeedFile } from "./seed-schema.ts";

type Parameters = Readonly<Record<string, unknown>>;

/**
 * Makes the cluster that a seed file describes. What the installer does not do is done by requests, so that all of it is
 * as Proxmox would have it.
 * @throws {SeedIssue}
 */
export function buildCluster(seed: SeedFile): ClusterState {
  const world = new World(installed(seed), instantClock());
  for (const [node, { pools = {} }] of Object.entries(seed.nodes ?? {})) {
    for (const [name, { raid, disks }] of Object.entries(pools)) {
      if (name === "rpool") continue;
      const parameters = { name, raidlevel: raid, devices: disks.join(",") };
      ask(world, ["nodes", node, "pools", name], "POST", `/nodes/${node}/disks/zfs`, parameters);
    }
  }
  for (const [storage, options] of Object.entries(seed.storages)) addStorage(world, storage, options);
  for (const [storage, files] of Object.entries(seed.volumes)) addFiles(world, storage, files);
  for (const [vmid, guest] of Object.entries(seed.guests)) addGuest(world, vmid, guest);
  for (const [index, request] of seed.requests.entries()) {
    for (const [line, parameters] of Object.entries(request)) {
      const [method = "", path = ""] = line.split(" ");
      ask(world, ["requests", index, line], method, path, asTexts(parameters ?? {}));
    }
  }
  // How the cluster came to be is no part of its history.
  return { ...structuredClone(world.state), tasks: {} };
}

/** The cluster after the installation: local, and local-zfs on the nodes that have an rpool. */
function installed(seed: SeedFile): ClusterState {
  const base = defaultSeed();
  const { password, token } = seed.root;
  const root = base.access.users["root@pam"];
  if (root !== undefined && password !== undefined) root.password = password;
  if (root !== undefined && token !== undefined) {
    root.tokens["simulator"] = { secret: token, privsep: false, expire: 0 };
  }
  if (seed.nodes === undefined) return { ...base, name: seed.name };
  const nodes = Object.entries(seed.nodes).map(([name, node], index) => {
    requireDisks(name, node);
    return buildNode(name, index + 1, node);
  });
  const [templates = {}] = Object.values(base.volumes);
  const zfs = nodes.filter(({ zpools }) => zpools["rpool"] !== undefined).map(({ name }) => name);
  const { local, "local-zfs": localZfs } = base.storages;
  if (localZfs !== undefined && zfs.length < nodes.length) localZfs.config["nodes"] = zfs.join(",");
  return {
    ...base,
    name: seed.name,
    nodes: Object.fromEntries(nodes.map((node) => [node.name, node])),
    storages: {
      ...(local === undefined ? {} : { local }),
      ...(localZfs === undefined || zfs.length === 0 ? {} : { "local-zfs": localZfs }),
    },
    volumes: Object.fromEntries(nodes.map(({ name }) => [`${name}/local`, structuredClone(templates)])),
  };
}

function requireDisks(name: string, { disks, pools = {} }: NonNullable<SeedFile["nodes"]>[string]): void {
  for (const [pool, { disks: devices }] of Object.entries(pools)) {
    for (const [index, device] of devices.entries()) {
      if (disks[device] !== undefined) continue;
      const known = Object.keys(disks).join(", ");
      throw new SeedIssue(
        ["nodes", name, "pools", pool, "disks", index],
        `${name} has no disk ${device}.`,
        known === "" ? "List its disks under disks." : `Choose from its disks: ${known}.`,
      );
    }
  }
}

function addStorage(world: World, storage: string, { size, ...options }: SeedFile["storages"][string]): void {
  const path = ["storages", storage];
  const parameters = asTexts(options);
  if (world.state.storages[storage] === undefined) ask(world, path, "POST", "/storage", { storage, ...parameters });
  else ask(world, path, "PUT", `/storage/${storage}`, parameters);
  world.transaction(() => {
    const added = world.state.storages[storage];
    if (added !== undefined && size !== undefined) added.size = size;
  });
}

function addFiles(world: World, storage: string, files: Readonly<Record<string, number>>): void {
  const found = world.state.storages[storage];
  if (found === undefined) {
    const known = Object.keys(world.state.storages).join(", ");
    throw new SeedIssue(["volumes", storage], `There is no storage ${storage}.`, `Choose one of ${known}, or add it.`);
  }
  const where = Object.keys(world.state.nodes).filter((node) => isOnNode(found, node));
  for (const [name, size] of Object.entries(files)) {
    const path = ["volumes", storage, name];
    const content = name.split("/")[0] as VolumeContent;
    if (!isFileContent(content)) {
      throw new SeedIssue(
        path,
        `${name} is no file that a storage has.`,
        "Write iso/NAME, vztmpl/NAME or snippets/NAME.",
      );
    }
    const volume: Volume = { name, content, format: formatOfFile(content, name), size, created: world.seconds() };
    world.transaction(() => {
      for (const node of where) world.volumesOn(node, storage)[name] = { ...volume };
    });
  }
}

const defaults = {
  lxc: { ostemplate: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst", storage: "local-zfs" },
  qemu: {},
};

function addGuest(world: World, vmid: string, { type, node, running, settings }: SeedFile["guests"][string]): void {
  const path = ["guests", vmid];
  ask(world, path, "POST", `/nodes/${node}/${type}`, { vmid, ...defaults[type], ...asTexts(settings) });
  if (running) ask(world, path, "POST", `/nodes/${node}/${type}/${vmid}/status/start`, {});
}

/** Makes a request, and waits for its task. */
function ask(world: World, path: PropertyKey[], method: string, url: string, parameters: Parameters): void {
  const data = at(path, () => perform(world, method, url, parameters));
  const task: Task | undefined = typeof data === "string" ? world.state.tasks[data] : undefined;
  const status = task?.exitstatus ?? "OK";
  if (status === "OK" || status.startsWith("WARNINGS")) return;
  throw new SeedIssue(path, `Proxmox fails to do this: ${status}.`, "Correct what it is about.");
}

/** Lists with commas and booleans as numbers, as in a request. */
function asTexts(parameters: Parameters): Parameters {
  const asText = (value: unknown) => (typeof value === "boolean" ? Number(value) : value);
  const entries = Object.entries(parameters);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? value.join(",") : asText(value)]),
  );
}
