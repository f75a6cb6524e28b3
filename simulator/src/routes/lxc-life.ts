import { ApiError } from "../api-error.ts";
import type { Context } from "../handlers.ts";
import type { Log } from "../tasks.ts";
import type { World } from "../world.ts";
import type { Guest } from "../state/guest.ts";

interface Target {
  readonly node: string;
  readonly vmid: number;
}

/** `POST …/status/start` */
export function startContainer({ node, vmid }: Target, { world, session }: Context): string {
  const { status } = unlocked(world.guest("lxc", node, vmid));
  if (status === "running") throw new ApiError(500, `CT ${vmid} already running`);
  return world.tasks.start({
    node,
    type: "vzstart",
    id: vmid,
    session,
    seconds: 3,
    work: () => {
      Object.assign(world.guest("lxc", node, vmid), { status: "running", startedAt: world.seconds() });
      return undefined;
    },
  });
}

/** `POST …/status/stop` and `…/status/shutdown`: the simulated guest never refuses to go down. */
export function stopContainer(
  type: "vzstop" | "vzshutdown",
  { node, vmid }: Target,
  { world, session }: Context,
): string {
  const { status } = unlocked(world.guest("lxc", node, vmid));
  if (status !== "running") throw new ApiError(500, `CT ${vmid} not running`);
  return world.tasks.start({
    node,
    type,
    id: vmid,
    session,
    seconds: type === "vzstop" ? 1 : 5,
    work: () => {
      stop(world.guest("lxc", node, vmid));
      return undefined;
    },
  });
}

/** `POST …/status/reboot` */
export function rebootContainer({ node, vmid }: Target, { world, session }: Context): string {
  const { status } = unlocked(world.guest("lxc", node, vmid));
  if (status !== "running") throw new ApiError(500, `CT ${vmid} not running`);
  return world.tasks.start({
    node,
    type: "vzreboot",
    id: vmid,
    session,
    seconds: 6,
    work: () => {
      world.guest("lxc", node, vmid).startedAt = world.seconds();
      return undefined;
    },
  });
}

/** `DELETE /nodes/{node}/lxc/{vmid}` */
export function destroyContainer(
  { node, vmid, force = false }: Target & { readonly force?: boolean },
  { world, session }: Context,
): string {
  const { status, config } = unlocked(world.guest("lxc", node, vmid));
  if (config["protection"] === "1") throw new ApiError(500, `can't remove CT ${vmid} - protection mode enabled`);
  if (status === "running" && !force) throw new ApiError(500, `unable to destroy CT ${vmid} - container is running`);
  return world.tasks.start({
    node,
    type: "vzdestroy",
    id: vmid,
    session,
    seconds: 4,
    work: (log) => {
      removeVolumes(world, vmid, log);
      Reflect.deleteProperty(world.state.guests, vmid);
      return undefined;
    },
  });
}

function removeVolumes(world: World, vmid: number, log: Log): void {
  for (const [home, volumes] of Object.entries(world.state.volumes)) {
    for (const { name, vmid: owner, content } of Object.values(volumes)) {
      if (owner !== vmid || content === "backup") continue;
      log(`removing volume '${home.split("/").at(-1) ?? ""}:${name}'`);
      Reflect.deleteProperty(volumes, name);
    }
  }
}

function stop(guest: Guest): void {
  guest.status = "stopped";
  delete guest.startedAt;
}

function unlocked(guest: Guest): Guest {
  const { lock } = guest.config;
  if (lock !== undefined) throw new ApiError(500, `CT is locked (${lock})`);
  return guest;
}
