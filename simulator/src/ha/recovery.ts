import { isQuorate } from "../node/quorum.ts";
import type { World } from "../world.ts";
import { findObstacles } from "./moves.ts";
import { scheduleRound } from "./manager.ts";
import { guestOf, requestedState } from "./state.ts";

/** After this long without a sign a node counts as fenced. */
const fencingSeconds = 120;

/** Lets the manager take over what HA keeps running on a node that has failed, where a quorum is left to decide it. */
export function scheduleRecovery(world: World, node: string): void {
  world.schedule(fencingSeconds, () => {
    if (world.state.nodes[node]?.off !== true || !isQuorate(world.state) || world.state.haDisarmed !== undefined)
      return;
    world.transaction(() => {
      for (const [sid, resource] of Object.entries(world.state.sections.haResources)) {
        const guest = guestOf(world, sid);
        if (guest?.node === node && requestedState(resource) === "started") guest.node = findNode(world, sid) ?? node;
      }
      scheduleRound(world);
    });
  });
}

function findNode(world: World, sid: string): string | undefined {
  return Object.values(world.state.nodes).find(
    ({ name, off }) => off !== true && findObstacles(world, sid, name).length === 0,
  )?.name;
}
