import { ApiError } from "../api-error.ts";
import type { Guest } from "../state/guest.ts";
import type { Log } from "../tasks.ts";
import { splitVolumeId, type World } from "../world.ts";
import { agentEnabled, bootsSystem, bootSystem, stopSystem } from "./boot.ts";
import { cloudInitData, cloudInitSettings } from "./cloud-init.ts";
import { cloudInitDriveOf } from "./create-disks.ts";
import { cpusOf, memoryOf } from "./describe.ts";
import { drivesOf, volumeOf } from "./drives.ts";
import { networksOf } from "./networks.ts";
import { applyPending } from "./pending.ts";

/**
 * Starts QEMU, with what was pending.
 * @throws {ApiError} 500 where it can't start, as a node finds out in the task
 */
export function startMachine(world: World, guest: Guest, log: Log, { skiplock = false } = {}): void {
  const { vmid, config } = guest;
  const { lock } = config;
  if (config["template"] === "1") throw new ApiError(500, "you can't start a vm if it's a template");
  if (lock !== undefined && lock !== "suspended" && !skiplock) throw new ApiError(500, `VM is locked (${lock})`);
  if (guest.status === "running") throw new ApiError(500, `VM ${vmid} already running`);
  const suspended = lock === "suspended" || config["vmstate"] !== undefined;
  if (suspended) log("Resuming suspended VM");
  else applyPending(world, guest, log);
  writeCloudInit(world, guest, log);
  checkStart(world, guest, log);
  Object.assign(guest, { status: "running", startedAt: world.seconds(), paused: config["freeze"] === "1" });
  bootSystem(world, guest);
  if (suspended) forgetSuspension(world, guest);
}

/** QEMU has ended, however that came. */
export function stopMachine(world: World, guest: Guest, log: Log): void {
  stopSystem(guest);
  guest.status = "stopped";
  delete guest.startedAt;
  delete guest.paused;
  applyPending(world, guest, log);
}

/** Why a machine does not go down when it is asked to; undefined: it does. */
export function shutdownProblem(world: World, guest: Guest): string | undefined {
  // With an agent in its configuration it is asked by it, and by nothing else.
  if (agentEnabled(guest)) return guest.inside.agent ? undefined : "VM quit/powerdown failed";
  return bootsSystem(world, guest) ? undefined : "VM quit/powerdown failed - got timeout";
}

/** Writes the cloud-init drive anew, where there is one. */
export function writeCloudInit(world: World, guest: Guest, log: Log): void {
  if (cloudInitDriveOf(guest.config) === undefined) return;
  log("generating cloud-init ISO");
  cloudInitData(world, guest);
  guest.cloudInit = cloudInitSettings(guest.config);
}

function checkStart(world: World, guest: Guest, log: Log): void {
  const { node: name, config } = guest;
  const node = world.node(name);
  for (const { drive } of drivesOf(config)) {
    const id = volumeOf(drive);
    if (id === undefined) continue;
    world.storage(name, splitVolumeId(id).storage);
    world.volume(name, id);
  }
  const cpus = cpusOf(guest, Infinity);
  if (cpus > node.cpu.threads) {
    throw new ApiError(500, `MAX ${node.cpu.threads} vcpus allowed per VM on this node`);
  }
  for (const { bridge, index } of networksOf(config)) {
    if (bridge === undefined || isBridge(world, name, bridge)) continue;
    log(`bridge '${bridge}' does not exist`);
    log(
      `kvm: -netdev type=tap,id=net${index}: network script /usr/libexec/qemu-server/pve-bridge failed with status 512`,
    );
    throw new ApiError(500, "start failed: QEMU exited with code 1");
  }
  if (memoryOf(guest) * 2 ** 20 > node.memory) {
    log("kvm: cannot set up guest memory 'pc.ram': Cannot allocate memory");
    throw new ApiError(500, "start failed: QEMU exited with code 1");
  }
  if (config["bios"] === "ovmf" && config["efidisk0"] === undefined) {
    log("WARN: no efidisk configured! Using temporary efivars disk.");
  }
}

function isBridge(world: World, node: string, bridge: string): boolean {
  return world.node(node).interfaces[bridge] !== undefined || world.state.sdn.running.vnets[bridge] !== undefined;
}

/** Its memory has been read back. */
function forgetSuspension(world: World, guest: Guest): void {
  const { vmstate } = guest.config;
  if (vmstate !== undefined) {
    const { storage, name } = splitVolumeId(vmstate);
    Reflect.deleteProperty(world.volumesOn(guest.node, storage), name);
  }
  for (const name of ["lock", "vmstate", "runningmachine", "runningcpu"]) Reflect.deleteProperty(guest.config, name);
}
