import { joinAwaitingPools } from "../access/pool-members.ts";
import { isRoot } from "../guest/permissions.ts";
import { permissionError } from "../access/permissions.ts";
import { ApiError, invalidParameters } from "../api-error.ts";
import type { Context, Parameters } from "../handlers.ts";
import { addHaResource } from "../guest/ha-requests.ts";
import { emptyFirewall, type Section } from "../state/cluster.ts";
import { emptySystem, type Guest } from "../state/guest.ts";
import type { Log } from "../tasks.ts";
import { splitVolumeId, type World } from "../world.ts";
import { createDisk, requireSpace } from "./disks.ts";
import { distributionOf, plainDistribution } from "./distributions.ts";
import { explaining } from "./explaining.ts";
import { startAsTask } from "./life.ts";
import { isMountPoint, parseMountPoint, type MountPoint } from "./mount-points.ts";
import { checkConfigPermissions, checkVolumeAccess } from "./permissions.ts";
import { restoreInto } from "./restore.ts";
import { storeSetting } from "./settings.ts";
import { unpackSystem, writeSystem } from "./system.ts";

type CreateParameters = Parameters<"POST /nodes/{node}/lxc">;

/** A container to make, checked. */
export interface NewContainer {
  readonly node: string;
  readonly vmid: number;
  /** The template's volume, or the backup's. */
  readonly archive: string;
  /** Where disks go that nothing is said about. */
  readonly storage: string;
  /** What the request sets, disks aside. */
  readonly config: Section;
  /** Undefined: the backup says so. */
  readonly unprivileged: boolean | undefined;
  /** None: 4 GiB for the system, or the disks of the backup. */
  readonly mountPoints: readonly MountPoint[];
  readonly unique: boolean;
  readonly password: string | undefined;
  readonly keys: string | undefined;
}

/** What is no setting of a container, but says how to make it. */
const instructions = new Set(
  (
    "node vmid ostemplate start storage password ssh-public-keys force restore unique bwlimit " +
    "ignore-unpack-errors pool ha-managed unprivileged"
  ).split(" "),
);

/** `POST /nodes/{node}/lxc`: checks what a node checks before it forks the task, and leaves the rest to that. */
export function createContainer(parameters: CreateParameters, context: Context): string {
  const { restore = false, pool, "ha-managed": managed = false } = parameters;
  const { world, session } = context;
  const unprivileged = parameters.unprivileged ?? (restore ? undefined : true);
  if (!restore && unprivileged === false) world.require(session, "/", "Sys.Modify");
  if (managed) world.require(session, "/", "Sys.Console");
  const existing = findExisting(world, parameters);
  checkKeys(parameters["ssh-public-keys"]);
  if (pool !== undefined && world.state.pools[pool] === undefined) {
    throw permissionError(`pool '${pool}' does not exist`);
  }
  checkAllocation(context, parameters, existing);
  const plan = planContainer(parameters, unprivileged, context);
  reserve(world, plan, existing);
  return startCreation(parameters, plan, existing !== undefined, context);
}

function startCreation(
  { node, vmid, restore = false, pool, start = false, "ha-managed": managed = false }: CreateParameters,
  plan: NewContainer,
  overwrites: boolean,
  context: Context,
): string {
  const { world, session } = context;
  return world.tasks.start({
    node,
    type: restore ? "vzrestore" : "vzcreate",
    id: vmid,
    session,
    seconds: restore ? 20 : 15,
    work: (log) => {
      const guest = world.guest("lxc", node, vmid);
      explaining(`unable to ${restore ? "restore" : "create"} CT ${vmid} -`, () => {
        if (restore) restoreInto(context, guest, plan, overwrites, log);
        else unpackInto(world, guest, plan, log);
      });
      delete guest.config["lock"];
      if (pool !== undefined) guest.pool = pool;
      if (start) startAsTask({ node, vmid }, context);
      if (managed) addHaResource(world, guest, start, log);
      return undefined;
    },
    undo: () => {
      const guest = world.state.guests[vmid];
      if (!overwrites) Reflect.deleteProperty(world.state.guests, vmid);
      else if (guest !== undefined) delete guest.config["lock"];
    },
  });
}

/** The container that a restore may overwrite; any other guest of this VMID is in the way. */
function findExisting(
  world: World,
  { node, vmid, restore = false, force = false }: CreateParameters,
): Guest | undefined {
  const guest = world.state.guests[vmid];
  if (guest === undefined) return undefined;
  if (!restore || !force || guest.type !== "lxc" || guest.node !== node) {
    throw new ApiError(500, `${guest.type === "lxc" ? "CT" : "VM"} ${vmid} already exists on node '${guest.node}'`);
  }
  if (guest.status === "running") throw new ApiError(500, "can't overwrite running container");
  if (guest.config["protection"] === "1") {
    throw new ApiError(500, `unable to restore CT ${vmid} - protection mode enabled`);
  }
  return guest;
}

function checkAllocation(context: Context, { vmid, pool, unprivileged }: CreateParameters, existing?: Guest): void {
  const { world, session } = context;
  if (world.may(session, `/vms/${vmid}`, "VM.Allocate")) return;
  if (pool !== undefined && world.may(session, `/pool/${pool}`, "VM.Allocate")) return;
  if (existing === undefined || !world.may(session, `/vms/${vmid}`, "VM.Backup")) throw permissionError();
  if (existing.config["unprivileged"] === "1" && unprivileged === false) world.require(session, "/", "Sys.Modify");
}

function planContainer(
  parameters: CreateParameters,
  unprivileged: boolean | undefined,
  context: Context,
): NewContainer {
  const { node, vmid, ostemplate, storage = "local", restore = false, unique = false, pool, password } = parameters;
  const settings = Object.fromEntries(
    Object.entries(parameters).flatMap(([name, value]) =>
      value === undefined || instructions.has(name) ? [] : [[name, value] as const],
    ),
  );
  const target = { vmid, pool, unprivileged: unprivileged ?? false };
  checkConfigPermissions(context, target, { before: {}, set: settings, deleted: [] });
  checkVolumeAccess(context, vmid, ostemplate, restore ? "backup" : "vztmpl");
  const mountPoints = Object.entries(settings)
    .filter(([name]) => isMountPoint(name))
    // A number alone is a size on the default storage.
    .map(([name, value]) => [name, String(value).replace(/^(\d+(?:\.\d+)?)$/, `${storage}:$1`)] as const)
    .map(([name, text]) => parseMountPoint(name, text));
  if (mountPoints.length > 0 && !mountPoints.some(({ key }) => key === "rootfs")) {
    throw new ApiError(500, "mount points configured, but 'rootfs' not set - aborting");
  }
  for (const { kind, volume } of mountPoints) {
    if (kind === "volume") checkStorage(context, node, splitVolumeId(volume).storage);
    else if (!isRoot(context)) throw new ApiError(500, "Only root can pass arbitrary filesystem paths.");
  }
  if (mountPoints.length === 0) checkStorage(context, node, storage);
  const config = Object.entries(settings).filter(([name]) => !isMountPoint(name) && !/^unused\d+$/.test(name));
  return {
    node,
    vmid,
    archive: ostemplate,
    storage,
    config: Object.fromEntries(config.map(([name, value]) => [name, storeSetting(context.world, name, value)])),
    unprivileged,
    mountPoints,
    unique,
    password,
    keys: parameters["ssh-public-keys"],
  };
}

function checkStorage({ world, session }: Context, node: string, name: string): void {
  const { config } = world.storage(node, name);
  if (!(config["content"] ?? "").split(",").includes("rootdir")) {
    throw invalidParameters({ storage: `storage '${name}' does not support container directories` });
  }
  world.require(session, `/storage/${name}`, "Datastore.AllocateSpace");
}

/** Takes the VMID; a container that is overwritten keeps everything until its successor is there. */
function reserve(world: World, { node, vmid, config }: NewContainer, existing: Guest | undefined): void {
  if (existing !== undefined) {
    const { lock } = existing.config;
    if (lock !== undefined) throw new ApiError(500, `unable to restore CT ${vmid} - CT is locked (${lock})`);
    existing.config["lock"] = "create";
    return;
  }
  world.state.guests[vmid] = {
    type: "lxc",
    vmid,
    node,
    status: "stopped",
    config: { ...config, lock: "create" },
    pending: {},
    snapshots: {},
    firewall: emptyFirewall(),
    inside: emptySystem(),
  };
  joinAwaitingPools(world.state, `/vms/${vmid}`);
}

/** Unpacks a template into a container that is still empty. */
function unpackInto(world: World, guest: Guest, plan: NewContainer, log: Log): void {
  const { node, vmid, archive, storage, config, mountPoints, password, keys } = plan;
  const rootfs = parseMountPoint("rootfs", `${storage}:4`);
  const disks = (mountPoints.length === 0 ? [rootfs] : mountPoints).map(
    (mountPoint) => [mountPoint.key, createDisk(world, guest, mountPoint, log)] as const,
  );
  const { path = "" } = world.storage(node, splitVolumeId(archive).storage).config;
  const template = world.volume(node, archive);
  const detected = distributionOf(template.name);
  const ostype = config["ostype"] ?? detected?.ostype ?? "unmanaged";
  guest.config = {
    arch: "amd64",
    hostname: `CT${vmid}`,
    memory: "512",
    swap: "512",
    ...config,
    ostype,
    ...Object.fromEntries(disks),
    ...(plan.unprivileged === true ? { unprivileged: "1" } : {}),
    lock: "create",
  };
  const file = `${path}/template/cache/${template.name.split("/")[1] ?? ""}`;
  log(`extracting archive '${file}'`);
  requireSpace(world, guest, log);
  log(`Total bytes read: ${template.size * 4} (${Math.round((template.size * 4) / 2 ** 20)}MiB, 210MiB/s)`);
  log("Detected container architecture: amd64");
  if (detected !== undefined && ostype !== "unmanaged" && ostype !== detected.ostype) {
    throw new ApiError(500, `got unexpected ostype (${detected.ostype} != ${ostype})`);
  }
  const distribution = detected ?? plainDistribution(ostype);
  guest.inside = unpackSystem(distribution, { password, keys }, world.seconds());
  writeSystem(guest, world.node(node), world.seconds());
  for (const type of distribution.packages["openssh-server"] === undefined ? [] : ["ed25519", "rsa", "ecdsa"]) {
    log(`Creating SSH host key 'ssh_host_${type}_key' - this may take some time ...`);
  }
}

/** PVE::Tools::validate_ssh_public_keys, which asks ssh-keygen. */
function checkKeys(keys: string | undefined): void {
  const lines = (keys ?? "").split("\n").filter((line) => line.trim() !== "");
  const key = /(?:^|\s)(?:ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-\S+|sk-\S+)\s+AAAA[A-Za-z0-9+/]+=*/;
  if (lines.some((line) => !key.test(line))) throw new ApiError(500, "SSH public key validation error");
}
