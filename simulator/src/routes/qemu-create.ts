import { permissionError } from "../access/permissions.ts";
import { ApiError } from "../api-error.ts";
import { addHaResource } from "../guest/ha-requests.ts";
import type { Context, Parameters } from "../handlers.ts";
import { checkStorageAccess } from "../qemu/check-access.ts";
import { cloudInitDriveOf, createDisks } from "../qemu/create-disks.ts";
import { qemuVersion } from "../qemu/describe.ts";
import { defaultBootOrder, printBootOrder } from "../qemu/drives.ts";
import { checkBridges, checkCpuModel, checkDevice, checkOptions, requireOnMachine } from "../qemu/permissions.ts";
import { startMachine, writeCloudInit } from "../qemu/power.ts";
import { hashPassword, newIdentity, toSettings } from "../qemu/settings.ts";
import { emptyFirewall, type Section } from "../state/cluster.ts";
import { emptySystem, type Guest } from "../state/guest.ts";
import type { World } from "../world.ts";

type CreateParameters = Parameters<"POST /nodes/{node}/qemu">;

/** `POST /nodes/{node}/qemu`: checks what needs no disk, then works as a task. */
export function createMachine(parameters: CreateParameters, context: Context): string {
  const { world, session } = context;
  const {
    node,
    vmid,
    archive,
    bwlimit: _,
    force: _force,
    pool,
    start = false,
    storage,
    unique: _unique,
    ...rest
  } = parameters;
  const {
    "ha-managed": highlyAvailable = false,
    "live-restore": live,
    "import-working-storage": _work,
    ...values
  } = rest;
  if (archive !== undefined)
    throw new ApiError(501, "the simulator does not know 'archive' of a machine's creation yet");
  if (live === true) throw new ApiError(501, "the simulator does not know 'live-restore' of a machine's creation yet");
  checkCreation(context, parameters);
  const settings = toSettings(world, node, values);
  checkSettings(context, parameters, settings);
  refuseUsedVmid(world, vmid, `unable to create VM ${vmid} -`);
  world.state.guests[vmid] = newMachine(node, vmid, { lock: "create" });
  return world.tasks.start({
    node,
    type: "qmcreate",
    id: vmid,
    session,
    seconds: 5,
    work: (log) => {
      const guest = world.guest("qemu", node, vmid);
      try {
        const drives = createDisks(world, { node, vmid, config: settings, defaultStorage: storage }, settings, log);
        guest.config = configOf(world, { ...settings, ...drives });
      } catch (error) {
        throw error instanceof ApiError ? new ApiError(500, `unable to create VM ${vmid} - ${error.message}`) : error;
      }
      if (cloudInitDriveOf(guest.config) !== undefined) writeCloudInit(world, guest, log);
      if (pool !== undefined) guest.pool = pool;
      if (highlyAvailable) addHaResource(world, guest, start, log);
      if (!start) return undefined;
      log("Execute autostart");
      return {
        seconds: 2,
        work: (starting) => {
          startMachine(world, world.guest("qemu", node, vmid), starting);
          return undefined;
        },
      };
    },
    undo: () => {
      if (world.state.guests[vmid]?.config["lock"] === "create") Reflect.deleteProperty(world.state.guests, vmid);
    },
  });
}

/** A machine without anything inside. */
export function newMachine(node: string, vmid: number, config: Section): Guest {
  return {
    type: "qemu",
    vmid,
    node,
    status: "stopped",
    config,
    pending: {},
    snapshots: {},
    firewall: emptyFirewall(),
    inside: emptySystem(),
  };
}

/**
 * Refuses a VMID that a guest has already.
 * @throws {ApiError} 500
 */
export function refuseUsedVmid({ state }: World, vmid: number, prefix: string): void {
  const owner = state.guests[vmid];
  if (owner === undefined) return;
  const kind = owner.type === "lxc" ? "CT" : "VM";
  throw new ApiError(500, `${prefix} ${kind} ${vmid} already exists on node '${owner.node}'`);
}

/** Who may create a machine at all. */
function checkCreation(context: Context, parameters: CreateParameters): void {
  const { world, session } = context;
  const { vmid, pool, start = false, storage } = parameters;
  if (pool !== undefined && world.state.pools[pool] === undefined) {
    throw permissionError(`pool '${pool}' does not exist`);
  }
  if (storage !== undefined) world.require(session, `/storage/${storage}`, "Datastore.AllocateSpace");
  if (parameters["ha-managed"] === true) world.require(session, "/", "Sys.Console");
  if (start) requireOnMachine(context, { vmid, pool }, ["VM.PowerMgmt"]);
  const allowed =
    world.may(session, `/vms/${vmid}`, "VM.Allocate") ||
    (pool !== undefined && world.may(session, `/pool/${pool}`, "VM.Allocate"));
  if (!allowed) throw permissionError();
}

function checkSettings(context: Context, parameters: CreateParameters, settings: Section): void {
  const { node, vmid, pool, storage } = parameters;
  const target = { vmid, pool };
  checkStorageAccess(context, { node, vmid, defaultStorage: storage }, settings);
  checkOptions(context, target, Object.keys(settings));
  for (const [name, text] of Object.entries(settings)) checkDevice(context, target, name, text);
  checkBridges(context, settings);
  checkCpuModel(context, settings["cpu"]);
}

/** The configuration as it is written, with what every machine gets. */
function configOf(world: World, settings: Section): Section {
  const { smp, cipassword, ...config } = settings;
  return {
    ...config,
    ...newIdentity(config),
    ...(smp === undefined ? {} : { sockets: smp }),
    ...(cipassword === undefined
      ? {}
      : { cipassword: (config["ostype"] ?? "").startsWith("w") ? cipassword : hashPassword(cipassword) }),
    boot: config["boot"] ?? printBootOrder(defaultBootOrder(config)),
    meta: `creation-qemu=${qemuVersion},ctime=${world.seconds()}`,
    ...((config["ostype"] ?? "").startsWith("win") && config["machine"] === undefined
      ? { machine: `pc-i440fx-${qemuVersion.replace(/\.\d+$/, "")}` }
      : {}),
  };
}
