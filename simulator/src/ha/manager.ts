import { ApiError } from "../api-error.ts";
import { actOn, type GuestAction } from "../guest/actions.ts";
import { guestOf, requestedState } from "./state.ts";
import { isQuorate } from "../node/quorum.ts";
import type { Guest } from "../state/guest.ts";
import type { World } from "../world.ts";

/** The manager works in rounds of this many seconds. */
const round = 10;
/** For how many rounds it waits for a guest that is worked on. */
const patience = 360;
const session = { user: "root@pam", ha: true } as const;

/** Lets the manager bring resources into their requested states, in its next round. */
export function scheduleRound(world: World): void {
  for (const sid of Object.keys(world.state.sections.haResources)) scheduleSteps(world, sid, []);
}

/**
 * Lets the manager move a resource in its next round. A running virtual machine goes without a break where it may stay
 * online; anything else is stopped here and started there.
 */
export function scheduleMove(world: World, sid: string, target: string, online: boolean): void {
  const guest = guestOf(world, sid);
  if (guest === undefined) return;
  const steps: Step[] =
    online && guest.type === "qemu"
      ? [() => act(world, sid, "migrate", { target, online: guestOf(world, sid)?.status === "running" })]
      : [
          () => guestOf(world, sid)?.status !== "running" || act(world, sid, "status/shutdown", { forceStop: true }),
          () => act(world, sid, "migrate", { target }),
        ];
  scheduleSteps(world, sid, steps);
}

/** One step of the manager; false where the guest refuses it, which ends the whole. */
type Step = () => boolean;

/** Takes one step a round, none while a task still works on the guest, and at the end what its requested state asks for. */
function scheduleSteps(world: World, sid: string, steps: readonly Step[], rounds = patience): void {
  const [next, ...later] = steps;
  world.schedule(round, () => {
    if (isBusy(world, sid) && rounds > 0) scheduleSteps(world, sid, steps, rounds - 1);
    else if (next === undefined) settle(world, sid);
    else scheduleSteps(world, sid, next() ? later : []);
  });
}

function isBusy(world: World, sid: string): boolean {
  const guest = guestOf(world, sid);
  return guest !== undefined && world.tasks.holdsLock(guest.vmid);
}

function settle(world: World, sid: string): void {
  const resource = world.state.sections.haResources[sid];
  const guest = guestOf(world, sid);
  if (resource === undefined || guest === undefined || isBusy(world, sid)) return;
  const requested = requestedState(resource);
  if (requested === "started" && guest.status !== "running") act(world, sid, "status/start", {});
  if ((requested === "stopped" || requested === "disabled") && guest.status === "running") {
    act(world, sid, "status/shutdown", { forceStop: true });
  }
}

/** Without a quorum the manager decides nothing, disarmed it does nothing, and on a node that is off nothing happens. */
function canAct({ state }: World, { node }: Guest): boolean {
  return isQuorate(state) && state.haDisarmed === undefined && state.nodes[node]?.off !== true;
}

/** Whether the guest did not refuse; what it refuses is tried again when something changes. The real one counts its tries. */
function act(world: World, sid: string, action: GuestAction, parameters: Readonly<Record<string, unknown>>): boolean {
  const guest = guestOf(world, sid);
  if (guest === undefined || !canAct(world, guest)) return false;
  try {
    world.transaction(() => actOn(guest, action, parameters, { world, session, attributes: {} }));
    return true;
  } catch (error) {
    if (error instanceof ApiError) return false;
    throw error;
  }
}
