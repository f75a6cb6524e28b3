import { joinAwaitingPools } from "../access/pool-members.ts";
import { requireOnGuest } from "../guest/permissions.ts";
import { permissionError } from "../access/permissions.ts";
import { ApiError } from "../api-error.ts";
import { addHaResource } from "../guest/ha-requests.ts";
import type { Context, Parameters } from "../handlers.ts";
import { checkStorageAccess } from "../qemu/check-access.ts";
import { createDisks } from "../qemu/create-disks.ts";
import { qemuVersion } from "../qemu/describe.ts";
import { defaultBootOrder, printBootOrder } from "../qemu/drives.ts";
import { newMachine, refuseUsedVmid, type MachinePlan } from "../qemu/new-machine.ts";
import { checkBridges, checkCpuModel, checkDevice, checkOptions } from "../qemu/permissions.ts";
import { startMachine } from "../qemu/power.ts";
import { hashPassword, newIdentity, toSettings } from "../qemu/settings.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";
import type { Log, Step } from "../tasks.ts";
import type { World } from "../world.ts";
import { restoreBackup } from "./qemu-restore.ts";

type CreateParameters = Parameters<"POST /nodes/{node}/qemu">;

/** `POST /nodes/{node}/qemu`: checks what needs no disk, then works as a task. */
export function createMachine(parameters: CreateParameters, context: Context): string {
  const { world } = context;
  const { node, vmid, archive, force = false, pool, start = false, storage, unique = false } = parameters;
  checkCreation(context, parameters);
  if (parameters["live-restore"] === true) {
    throw new ApiError(501, "the simulator does not know 'live-restore' of a machine's creation yet");
  }
  const settings = toSettings(world, node, settingsAmong(parameters));
  checkSettings(context, parameters, settings);
  const finish = (guest: Guest, log: Log): Step | undefined => {
    if (pool !== undefined) guest.pool = pool;
    if (parameters["ha-managed"] === true) addHaResource(world, guest, start, log);
    if (!start) return undefined;
    log("Execute autostart");
    return {
      seconds: 2,
      work: (starting) => {
        autostart(world, node, vmid, starting);
      },
    };
  };
  const plan = { node, vmid, storage, settings, finish };
  if (archive !== undefined) return restoreBackup({ ...plan, archive, unique, force }, context);
  return create(plan, context);
}

function create({ node, vmid, storage, settings, finish }: MachinePlan, { world, session }: Context): string {
  refuseUsedVmid(world, vmid, `unable to create VM ${vmid} -`);
  world.state.guests[vmid] = newMachine(node, vmid, { lock: "create" });
  joinAwaitingPools(world.state, `/vms/${vmid}`);
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
      return finish(guest, log);
    },
    undo: () => {
      if (world.state.guests[vmid]?.config["lock"] === "create") Reflect.deleteProperty(world.state.guests, vmid);
    },
  });
}

/** A machine that does not start is there all the same. */
function autostart(world: World, node: string, vmid: number, log: Log): undefined {
  try {
    startMachine(world, world.guest("qemu", node, vmid), log);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    log(`WARN: ${error.message}`);
  }
}

const instructions = new Set(
  "node vmid archive bwlimit force pool start storage unique ha-managed live-restore import-working-storage".split(" "),
);

/** What of a creation's parameters is a setting. */
function settingsAmong(parameters: CreateParameters): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => !instructions.has(name)));
}

/** Who may create a machine at all. */
function checkCreation(context: Context, parameters: CreateParameters): void {
  const { world, session } = context;
  const { vmid, pool, start = false, storage, archive, force = false } = parameters;
  if (pool !== undefined && world.state.pools[pool] === undefined) {
    throw permissionError(`pool '${pool}' does not exist`);
  }
  if (storage !== undefined) world.require(session, `/storage/${storage}`, "Datastore.AllocateSpace");
  if (parameters["ha-managed"] === true) world.require(session, "/", "Sys.Console");
  if (start) requireOnGuest(context, { vmid, pool }, ["VM.PowerMgmt"]);
  const overwrites = archive !== undefined && force && world.state.guests[vmid] !== undefined;
  const allowed =
    (overwrites && world.may(session, `/vms/${vmid}`, "VM.Backup")) ||
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
