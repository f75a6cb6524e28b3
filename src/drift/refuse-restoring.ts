import type { Deployment } from "../adopt/engine-files.ts";
import { dependentsOf } from "./dependents.ts";
import { isMissing, urnsOf, type LookAt } from "./fixable.ts";
import type { Change } from "../report/changes.ts";
import type { Obstacle } from "./judge-fix.ts";

/** Why something is not brought back, by what was found of it. */
export type Refusals = ReadonlyMap<LookAt, string>;

/** Refuses what needs something that is not there and is not brought back. */
export function refuseWithout(looks: readonly LookAt[], chosen: readonly LookAt[], state: Deployment): Refusals {
  const gone = looks.filter((look) => isMissing(look) && !chosen.includes(look));
  return refuseEach(chosen, (look) => {
    const needed = gone.find((other) => reaches(other, urnsOf([look], state), state));
    return needed === undefined ? undefined : `It needs the ${needed.subject}, which is not there.`;
  });
}

/**
 * Refuses what cannot be brought back without an obstacle: what meets it, what it depends on and what depends on that. Where
 * nobody can tell whose obstacle it is, all of it is refused.
 */
export function refuseFor(obstacles: readonly Obstacle[], chosen: readonly LookAt[], state: Deployment): Refusals {
  const refusals = refuseEach(chosen, (look) => {
    const own = urnsOf([look], state);
    const around = new Set([...own, ...dependentsOf(own, state)]);
    return obstacles.find(
      ({ urn }) => around.has(urn) || [...dependentsOf(new Set([urn]), state)].some((other) => own.has(other)),
    )?.text;
  });
  const [{ text } = { text: "" }] = obstacles;
  return refusals.size > 0 ? refusals : new Map(chosen.map((look) => [look, text]));
}

/** Refuses what an up would not change, because the provider does not see that it has drifted. */
export function refuseIdle(changes: readonly Change[], chosen: readonly LookAt[], state: Deployment): Refusals {
  const changed = new Set(changes.map(({ urn }) => urn));
  return refuseEach(chosen, (look) =>
    [...urnsOf([look], state)].some((urn) => changed.has(urn))
      ? undefined
      : "An up would change nothing of it: put it back by hand.",
  );
}

function refuseEach(chosen: readonly LookAt[], why: (look: LookAt) => string | undefined): Refusals {
  return new Map(
    chosen.flatMap((look) => {
      const text = why(look);
      return text === undefined ? [] : [[look, text] as const];
    }),
  );
}

/** Whether what was looked at is among what some resources need. */
function reaches(needed: LookAt, urns: ReadonlySet<string>, state: Deployment): boolean {
  return [...dependentsOf(urnsOf([needed], state), state)].some((urn) => urns.has(urn));
}
