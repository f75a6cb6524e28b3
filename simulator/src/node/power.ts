import { scheduleRecovery } from "../ha/recovery.ts";
import type { Context } from "../handlers.ts";
import type { NodeState } from "../state/node.ts";
import { cacheLimitAtBoot } from "../node-files/zfs-files.ts";
import type { World } from "../world.ts";
import { downTimeout, guestsInOrder, titleOf, workOn } from "./bulk-actions.ts";

/** How long a small machine takes from one kernel to the next. */
const bootSeconds = 60;
/** What the tasks of a guest may take, at most. */
const guestSeconds = 15;

interface StartOptions {
  readonly node: string;
  readonly vms?: string | undefined;
  /** Starts what is not marked `onboot`, too. */
  readonly force?: boolean;
}

/** Starts the guests of a node as a task of its own. */
export function startGuests(context: Context, { node, vms, force = false }: StartOptions): string {
  const { world, session } = context;
  const choose = () =>
    guestsInOrder(world, node, vms)
      .filter(({ config }) => force || config["onboot"] === "1")
      .filter(({ status }) => status !== "running");
  const work = workOn(context, choose, {
    action: "status/start",
    announce: (guest) => `Starting ${titleOf(guest)}`,
    parameters: () => ({}),
    seconds: guestSeconds,
  });
  return world.tasks.start({ node, type: "startall", id: "", session, seconds: 1, work });
}

interface StopOptions {
  readonly node: string;
  readonly vms?: string | undefined;
  readonly timeout?: number | undefined;
  readonly forceStop?: boolean;
  /** What happens once all are down. */
  readonly afterwards?: () => void;
}

/** Shuts the guests of a node down as a task of its own; what came up last goes down first. */
export function stopGuests(
  context: Context,
  { node, vms, timeout, forceStop = true, afterwards }: StopOptions,
): string {
  const { world, session } = context;
  const choose = () =>
    guestsInOrder(world, node, vms)
      .filter(({ status }) => status === "running")
      .reverse();
  const work = workOn(context, choose, {
    action: "status/shutdown",
    announce: (guest) => `Stopping ${titleOf(guest)} (timeout = ${timeout ?? downTimeout(guest)} seconds)`,
    parameters: (guest) => ({ timeout: timeout ?? downTimeout(guest), forceStop }),
    seconds: guestSeconds,
  });
  return world.tasks.start({
    node,
    type: "stopall",
    id: "",
    session,
    seconds: 1,
    work: (log) => {
      const next = work(log);
      if (next === undefined) afterwards?.();
      else
        return {
          ...next,
          work: () => {
            afterwards?.();
            return undefined;
          },
        };
      return undefined;
    },
  });
}

/** `POST /nodes/{node}/status`: guests go down, the node too; after a reboot `onboot` guests come back with it. */
export function switchOff(world: World, node: string, command: "reboot" | "shutdown"): void {
  stopGuests(systemContext(world), {
    node,
    afterwards: () => {
      dropGuests(world, node);
      if (command === "shutdown") world.node(node).off = true;
      else switchOn(world, node);
    },
  });
}

/** Cuts a node's power: nothing on it ends in order. */
export function failNode(world: World, node: NodeState): void {
  dropGuests(world, node.name);
  world.tasks.abandon(node.name);
  node.off = true;
  scheduleRecovery(world, node.name);
}

/** What does not go down by itself is gone with the power. */
function dropGuests(world: World, node: string): void {
  for (const guest of Object.values(world.state.guests)) {
    if (guest.node !== node) continue;
    guest.status = "stopped";
    delete guest.startedAt;
    delete guest.paused;
  }
}

/** Lets a node boot; what was written for its network counts from then on. */
export function switchOn(world: World, name: string): void {
  world.schedule(bootSeconds, () => {
    world.change(() => {
      const node = world.node(name);
      delete node.off;
      node.bootedAt = world.seconds();
      for (const service of Object.keys(node.services))
        node.services[service] = node.disabledServices?.includes(service) === true ? "stopped" : "running";
      const cacheLimit = cacheLimitAtBoot(node.files);
      if (cacheLimit === undefined) delete node.cacheLimit;
      else node.cacheLimit = cacheLimit;
      if (node.pendingInterfaces !== undefined) node.interfaces = node.pendingInterfaces;
      delete node.pendingInterfaces;
      startGuests(systemContext(world), { node: name });
    });
  });
}

/** No session lasts as long as a reboot: the system itself does it. */
function systemContext(world: World): Context {
  return { world, session: { user: "root@pam" }, attributes: {} };
}
