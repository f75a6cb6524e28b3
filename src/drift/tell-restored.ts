import type { Drift } from "./drift.ts";
import type { LookAt } from "./fixable.ts";
import type { Refusals } from "./refuse-restoring.ts";

/**
 * Tells in looks what was brought back since others, and why the rest was not.
 * @param before what was found of all that should have been brought back, or was refused
 */
export function tellRestored(looks: readonly LookAt[], before: readonly LookAt[], refusals: Refusals): LookAt[] {
  const reasons = [...refusals];
  return looks.map((look) => {
    const restored = before.filter((other) => isSameLook(other, look)).flatMap((other) => goneFrom(other.drifts, look));
    const refusal = reasons.find(([other]) => isSameLook(other, look))?.[1];
    return {
      ...look,
      ...(restored.length === 0 ? {} : { restored }),
      drifts: refusal === undefined ? look.drifts : look.drifts.map((drift) => ({ ...drift, refusal })),
    };
  });
}

/** Whether two looks are at the same thing. */
export function isSameLook(one: LookAt, other: LookAt): boolean {
  return one.area === other.area && one.subject === other.subject && one.urn === other.urn;
}

function goneFrom(drifts: readonly Drift[], { drifts: left, unchecked }: LookAt): Drift[] {
  return unchecked === undefined ? drifts.filter(({ what }) => !left.some((other) => other.what === what)) : [];
}
