import { ApiError } from "../api-error.ts";
import { parseMountPoint, printMountPoint, storeSetting } from "../container-config.ts";
import type { Context, Parameters } from "../handlers.ts";
import { emptyFirewall } from "../state/cluster.ts";
import { emptySystem, type Guest } from "../state/guest.ts";
import type { World } from "../world.ts";
import { contentOf } from "./storage.ts";

type CreateParameters = Parameters<"POST /nodes/{node}/lxc">;

/** What a new container gets without saying so. */
const defaults = { arch: "amd64", memory: "512", swap: "512" } as const;

/** What is no setting of the container, but says how to create it. */
const instructions = [
  "node",
  "vmid",
  "ostemplate",
  "start",
  "storage",
  "password",
  "ssh-public-keys",
  "force",
  "restore",
  "unique",
  "bwlimit",
  "ignore-unpack-errors",
  "pool",
  "ha-managed",
];

/** `POST /nodes/{node}/lxc`: checks everything first, then works as a task. */
export function createContainer(parameters: CreateParameters, { world, session }: Context): string {
  const { node, vmid, ostemplate, start = false } = parameters;
  for (const name of ["restore", "force", "pool", "ha-managed"] as const) {
    if (parameters[name])
      throw new ApiError(501, `the simulator does not know '${name}' of a container's creation yet`);
  }
  world.node(node);
  const owner = world.state.guests[vmid];
  if (owner !== undefined) {
    throw new ApiError(500, `unable to create CT ${vmid} - CT ${vmid} already exists on node '${owner.node}'`);
  }
  const template = world.volume(node, ostemplate);
  if (template.content !== "vztmpl") throw new ApiError(500, `volume '${ostemplate}' is not a container template`);
  const file = template.name.split("/")[1] ?? "";
  const disks = disksOf(world, parameters);
  world.state.guests[vmid] = {
    type: "lxc",
    vmid,
    node,
    status: "stopped",
    config: { ...settingsOf(parameters, template.name), lock: "create" },
    pending: {},
    snapshots: {},
    firewall: emptyFirewall(),
    inside: emptySystem(parameters.hostname),
  };
  return world.tasks.start({
    node,
    type: "vzcreate",
    id: vmid,
    session,
    seconds: 15,
    work: (log) => {
      const guest = world.guest("lxc", node, vmid);
      for (const [name, disk] of disks) guest.config[name] = allocate(world, guest, disk);
      log(`extracting archive '/var/lib/vz/template/cache/${file}'`);
      log("Detected container architecture: amd64");
      delete guest.config["lock"];
      if (start) Object.assign(guest, { status: "running", startedAt: world.seconds() });
      return undefined;
    },
    undo: () => {
      Reflect.deleteProperty(world.state.guests, vmid);
    },
  });
}

function settingsOf(parameters: CreateParameters, template: string): Record<string, string> {
  const config: Record<string, string> = { ...defaults, ostype: /\/([a-z]+)-/.exec(template)?.[1] ?? "unmanaged" };
  for (const [name, value] of Object.entries(parameters)) {
    if (instructions.includes(name) || isDisk(name)) continue;
    config[name] = storeSetting(name, value, undefined);
  }
  // Privileged only where it was asked for: since 9.0 a container is unprivileged by default.
  if (parameters.unprivileged === false) delete config["unprivileged"];
  else config["unprivileged"] = "1";
  return config;
}

interface Disk {
  readonly storage: string;
  readonly sizeGib: number;
  readonly options: Readonly<Record<string, string>>;
}

/** Reads rootfs and the mount points, each `STORAGE:GIB`; what is wrong is said before anything is made. */
function disksOf(world: World, parameters: CreateParameters): [string, Disk][] {
  const { node, storage = "local", rootfs = `${storage}:4`, ...rest } = parameters;
  const mountPoints = Object.entries(rest).filter(([name]) => isDisk(name)) as [string, string][];
  return [["rootfs", rootfs] as const, ...mountPoints].map(([name, text]) => {
    const { volume = "", size, ...options } = parseMountPoint(text);
    const [, id, gib] = /^([^:\s]+):(\d+(?:\.\d+)?)$/.exec(volume) ?? [];
    if (id === undefined)
      throw new ApiError(501, `the simulator only creates new volumes for ${name} so far: write STORAGE:GIB`);
    if (!contentOf(world.storage(node, id)).includes("rootdir")) {
      throw new ApiError(500, `storage '${id}' does not support container directories`);
    }
    return [name, { storage: id, sizeGib: Number(gib), options }];
  });
}

function allocate(world: World, { node, vmid }: Guest, { storage, sizeGib, options }: Disk): string {
  const { type } = world.storage(node, storage);
  const volumes = world.volumesOn(node, storage);
  const nameOf = (index: number) =>
    type === "dir" ? `${vmid}/vm-${vmid}-disk-${index}.raw` : `subvol-${vmid}-disk-${index}`;
  let index = 0;
  while (nameOf(index) in volumes) index++;
  const name = nameOf(index);
  volumes[name] = {
    name,
    content: "rootdir",
    format: type === "dir" ? "raw" : "subvol",
    size: sizeGib * 2 ** 30,
    vmid,
    created: world.seconds(),
  };
  return printMountPoint({ volume: `${storage}:${name}`, ...options, size: `${sizeGib}G` });
}

function isDisk(name: string): boolean {
  return name === "rootfs" || /^mp\d+$/.test(name);
}
