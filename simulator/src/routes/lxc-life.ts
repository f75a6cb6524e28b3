import { ApiError } from "../api-error.ts";
import type { Context } from "../endpoint.ts";
import type { Guest } from "../state/cluster.ts";

interface Target {
  readonly node: string;
  readonly vmid: number;
}

/** `POST …/status/start` */
export function startContainer({ node, vmid }: Target, { world, session }: Context): string {
  const guest = unlocked(world.container(node, vmid));
  if (guest.status === "running") throw new ApiError(500, `CT ${vmid} already running`);
  return world.tasks.start({
    node,
    type: "vzstart",
    id: String(vmid),
    user: session.user,
    seconds: 3,
    work: () => {
      Object.assign(guest, { status: "running", startedAt: world.seconds() });
    },
  });
}

/** `POST …/status/stop` and `…/status/shutdown`: the simulated guest never refuses to go down. */
export function stopContainer(
  type: "vzstop" | "vzshutdown",
  { node, vmid }: Target,
  { world, session }: Context,
): string {
  const guest = unlocked(world.container(node, vmid));
  if (guest.status !== "running") throw new ApiError(500, `CT ${vmid} not running`);
  return world.tasks.start({
    node,
    type,
    id: String(vmid),
    user: session.user,
    seconds: type === "vzstop" ? 1 : 5,
    work: () => {
      stop(guest);
    },
  });
}

/** `POST …/status/reboot` */
export function rebootContainer({ node, vmid }: Target, { world, session }: Context): string {
  const guest = unlocked(world.container(node, vmid));
  if (guest.status !== "running") throw new ApiError(500, `CT ${vmid} not running`);
  return world.tasks.start({
    node,
    type: "vzreboot",
    id: String(vmid),
    user: session.user,
    seconds: 6,
    work: () => {
      guest.startedAt = world.seconds();
    },
  });
}

/** `DELETE /nodes/{node}/lxc/{vmid}` */
export function destroyContainer(
  { node, vmid, force = false }: Target & { readonly force?: boolean },
  { world, session }: Context,
): string {
  const guest = unlocked(world.container(node, vmid));
  if (guest.config["protection"] === "1") throw new ApiError(500, `can't remove CT ${vmid} - protection mode enabled`);
  if (guest.status === "running" && !force)
    throw new ApiError(500, `unable to destroy CT ${vmid} - container is running`);
  return world.tasks.start({
    node,
    type: "vzdestroy",
    id: String(vmid),
    user: session.user,
    seconds: 4,
    work: (log) => {
      const { state } = world;
      for (const { storage, name } of state.volumes.filter((volume) => volume.vmid === vmid))
        log(`removing volume '${storage}:${name}'`);
      state.volumes = state.volumes.filter((volume) => volume.vmid !== vmid);
      state.guests = state.guests.filter((candidate) => candidate !== guest);
    },
  });
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
