import { ApiError } from "../api-error.ts";
import { requestFromHa } from "../guest/ha-requests.ts";
import { unlockedGuest } from "../guest/lock.ts";
import { parseSetting } from "../guest/config.ts";
import type { Context } from "../handlers.ts";
import type { Guest } from "../state/guest.ts";
import type { NodeState } from "../state/node.ts";
import type { Log } from "../tasks.ts";
import type { World } from "../world.ts";
import { mountPointsOf } from "./mount-points.ts";
import { applyPending } from "./pending.ts";
import { bootSystem, haltSystem } from "./system.ts";

/** Who does it, and where. */
export type Actor = Pick<Context, "world" | "session">;

/** Which container. */
export interface Target {
  readonly node: string;
  readonly vmid: number;
}

/** Starts the task that starts a container, whoever holds its lock; returns the UPID. */
export function startAsTask({ node, vmid }: Target, { world, session }: Actor, skiplock = false): string {
  return world.tasks.start({
    node,
    type: "vzstart",
    id: vmid,
    session,
    seconds: 3,
    work: (log) => {
      const guest = world.guest("lxc", node, vmid);
      if (guest.config["template"] === "1") throw new Error("you can't start a CT if it's a template");
      if (!skiplock) refuseLocked(guest);
      const quotas = mountPointsOf(guest.config).some(({ options }) => options["quota"] === "1");
      if (guest.config["unprivileged"] === "1" && quotas) {
        throw new Error("Quotas are not supported by unprivileged containers.");
      }
      bringUp(world, guest, log);
      return undefined;
    },
  });
}

/** Starts a container now: a part of a task. */
export function bringUp(world: World, guest: Guest, log: Log): void {
  applyPending(world, guest, log);
  for (const { kind, volume } of mountPointsOf(guest.config)) {
    if (kind === "volume") world.volume(guest.node, volume);
  }
  checkBridges(world, guest, log);
  Object.assign(guest, { status: "running", startedAt: world.seconds() });
  bootSystem(guest, world.node(guest.node), world.seconds());
}

/** Stops a container now: a part of a task. */
export function bringDown(guest: Guest): void {
  guest.status = "stopped";
  delete guest.startedAt;
  haltSystem(guest);
}

/** `POST …/status/start` */
export function startContainer(
  { node, vmid, skiplock = false }: Target & { readonly skiplock?: boolean },
  context: Actor,
): string {
  const { world, session } = context;
  const guest = world.guest("lxc", node, vmid);
  refuseSkiplock(skiplock, session.user);
  if (guest.status === "running") throw new ApiError(500, `CT ${vmid} already running`);
  const asked = requestFromHa(context, guest, { kind: "start" });
  if (asked !== undefined) return asked;
  refuseBusy(world, guest);
  return startAsTask({ node, vmid }, context, skiplock);
}

/** `POST …/status/stop` */
export function stopContainer(
  {
    node,
    vmid,
    skiplock = false,
    "overrule-shutdown": overrule = false,
  }: Target & {
    readonly skiplock?: boolean;
    readonly "overrule-shutdown"?: boolean;
  },
  context: Actor,
): string {
  const { world, session } = context;
  const guest = world.guest("lxc", node, vmid);
  refuseSkiplock(skiplock, session.user);
  requireRunning(guest);
  const asked = requestFromHa(context, guest, { kind: "stop" });
  if (asked !== undefined) return asked;
  if (overrule) abortShutdowns(world, vmid);
  refuseBusy(world, guest);
  return world.tasks.start({
    node,
    type: "vzstop",
    id: vmid,
    session,
    seconds: 1,
    work: () => {
      const stopping = world.guest("lxc", node, vmid);
      if (!skiplock) refuseLocked(stopping);
      bringDown(stopping);
      return undefined;
    },
  });
}

/** `POST …/status/shutdown`: what the simulated guest has running ends in five seconds. */
export function shutDownContainer(
  { node, vmid, timeout = 60, forceStop = false }: Target & { readonly timeout?: number; readonly forceStop?: boolean },
  context: Actor,
): string {
  const { world, session } = context;
  const guest = world.guest("lxc", node, vmid);
  requireRunning(guest);
  const asked = requestFromHa(context, guest, { kind: "stop" });
  if (asked !== undefined) return asked;
  refuseBusy(world, guest);
  return world.tasks.start({
    node,
    type: "vzshutdown",
    id: vmid,
    session,
    seconds: Math.min(5, timeout),
    work: () => {
      const stopping = world.guest("lxc", node, vmid);
      refuseLocked(stopping);
      if (timeout < 5 && !forceStop) throw new Error("container did not stop");
      bringDown(stopping);
      return undefined;
    },
  });
}

/** `POST …/status/reboot` */
export function rebootContainer({ node, vmid }: Target, { world, session }: Actor): string {
  const guest = world.guest("lxc", node, vmid);
  if (guest.status !== "running") throw new ApiError(500, `VM ${vmid} not running`);
  return world.tasks.start({
    node,
    type: "vzreboot",
    id: vmid,
    session,
    seconds: 5,
    work: () => {
      const rebooting = world.guest("lxc", node, vmid);
      if (rebooting.status !== "running") return undefined;
      bringDown(rebooting);
      return {
        seconds: 3,
        work: (log) => {
          bringUp(world, world.guest("lxc", node, vmid), log);
          return undefined;
        },
      };
    },
  });
}

/** `POST …/status/suspend` and `…/status/resume`: Proxmox VE has no CRIU, so that these always fail. */
export function checkpointContainer(kind: "suspend" | "resume", { node, vmid }: Target, context: Actor): string {
  const { world, session } = context;
  const guest = world.guest("lxc", node, vmid);
  if (kind === "suspend") {
    requireRunning(guest);
    refuseBusy(world, guest);
  } else if (guest.status === "running") throw new ApiError(500, `CT ${vmid} already running`);
  const command =
    kind === "suspend"
      ? `lxc-checkpoint -n ${vmid} -s -D /var/lib/vz/dump`
      : `lxc-checkpoint -n ${vmid} -r --foreground -D /var/lib/vz/dump`;
  return world.tasks.start({
    node,
    type: `vz${kind}`,
    id: vmid,
    session,
    seconds: 1,
    work: () => {
      if (kind === "suspend") refuseLocked(world.guest("lxc", node, vmid));
      throw new Error(`command '${command}' failed: exit code 1`);
    },
  });
}

/** Fails where a lock is written in a container's configuration. */
export function refuseLocked({ config: { lock } }: Guest): void {
  if (lock !== undefined && lock !== "mounted") throw new ApiError(500, `CT is locked (${lock})`);
}

/** The lock file is taken before a task is forked, the lock in the configuration is looked at by the task. */
function refuseBusy(world: World, { node, vmid, config }: Guest): void {
  if (config["lock"] === undefined) unlockedGuest(world, "lxc", node, vmid);
}

function requireRunning({ vmid, status }: Guest): void {
  if (status !== "running") throw new ApiError(500, `CT ${vmid} not running`);
}

function refuseSkiplock(skiplock: boolean, user: string): void {
  if (!skiplock || user === "root@pam") return;
  throw new ApiError(400, "Parameter verification failed.", { skiplock: "Only root may use this option." });
}

function abortShutdowns(world: World, vmid: number): void {
  for (const { upid, type, id, endtime } of Object.values(world.state.tasks)) {
    if (type === "vzshutdown" && id === String(vmid) && endtime === undefined) world.tasks.stop(upid);
  }
}

/** A container whose bridge is not there does not start, in the words of lxc-start. */
function checkBridges(world: World, { vmid, node, config }: Guest, log: Log): void {
  for (const [key, text] of Object.entries(config)) {
    if (!/^net\d+$/.test(key)) continue;
    const { bridge } = parseSetting("lxc", key, text);
    if (bridge === undefined || hasBridge(world.node(node), bridge) || hasVnet(world, bridge)) continue;
    log("run_buffer: 571 Script exited with status 1");
    log("lxc_create_network_priv: 3466 No such device - Failed to create network device");
    log("lxc_spawn: 1852 Failed to create the network");
    log(`__lxc_start: 2114 Failed to spawn container "${vmid}"`);
    throw new ApiError(500, `startup for container '${vmid}' failed`);
  }
}

function hasBridge({ interfaces }: NodeState, name: string): boolean {
  return interfaces[name] !== undefined;
}

function hasVnet({ state }: World, name: string): boolean {
  return state.sdn.running.vnets[name] !== undefined;
}
