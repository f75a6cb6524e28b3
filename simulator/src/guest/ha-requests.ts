import { scheduleMove, scheduleRound } from "../ha/manager.ts";
import { sidOf } from "../ha/state.ts";
import type { Context } from "../handlers.ts";
import type { Guest } from "../state/guest.ts";
import type { Log } from "../tasks.ts";
import type { World } from "../world.ts";

/** What someone wants of a guest that HA may manage. */
export type HaRequest =
  { readonly kind: "start" | "stop" } | { readonly kind: "migrate"; readonly target: string; readonly online: boolean };

/**
 * Asks the HA manager for what a client wants of a guest, as a task of its own; returns that task's UPID. Undefined
 * where HA leaves the guest alone, and where it is the manager that asks.
 */
export function requestFromHa(
  { world, session }: Pick<Context, "world" | "session">,
  guest: Guest,
  request: HaRequest,
): string | undefined {
  const { type, node, vmid } = guest;
  const sid = sidOf(guest);
  const managed = world.state.sections.haResources[sid];
  if (session.ha === true || managed === undefined || managed["state"] === "ignored") return undefined;
  if (world.state.haDisarmed === "ignore") return undefined;
  const what = type === "lxc" ? "CT" : "VM";
  return world.tasks.start({
    node,
    type: `ha${request.kind}`,
    id: vmid,
    session,
    seconds: 1,
    work: (log) => {
      log(
        request.kind === "migrate"
          ? `Requesting HA migration for ${what} ${vmid} to node ${request.target}`
          : `Requesting HA ${request.kind} for ${what} ${vmid}`,
      );
      const resource = world.state.sections.haResources[sid];
      if (resource === undefined) throw new Error(`no such resource '${sid}'`);
      if (request.kind === "migrate") scheduleMove(world, sid, request.target, request.online);
      else {
        resource["state"] = request.kind === "start" ? "started" : "stopped";
        scheduleRound(world);
      }
      return undefined;
    },
  });
}

/** Puts a new guest under the care of HA: `ha-managed` of a creation. */
export function addHaResource(world: World, guest: Guest, started: boolean, log: Log): void {
  log("Add as HA resource");
  world.state.sections.haResources[sidOf(guest)] = {
    type: guest.type === "lxc" ? "ct" : "vm",
    state: started ? "started" : "stopped",
  };
  scheduleRound(world);
}
