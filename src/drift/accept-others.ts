import type { OtherPlan } from "../plan/plan.ts";
import type { Drift, Look } from "./drift.ts";

/**
 * Sets apart what nobody has made with this program, and what the inventory says belongs there all the same; what it says and
 * is not there is told with it, so that no entry outlives its cause.
 * @param looks for what nobody knows of
 */
export function acceptOthers(looks: readonly Look[], others: readonly OtherPlan[]): Look[] {
  const found = new Set<OtherPlan>();
  const split = looks.flatMap((look): Look[] => {
    const accepted = look.drifts.flatMap((drift) => {
      const fitting = others.filter((other) => fits(other, drift));
      for (const other of fitting) found.add(other);
      const [first] = fitting;
      return first === undefined ? [] : [{ drift, other: first }];
    });
    if (accepted.length === 0) return [look];
    const left = look.drifts.filter((drift) => accepted.every((one) => one.drift !== drift));
    const told = accepted.map(({ drift, other }) => ({ ...drift, ...placeOf(other, others) }));
    return [
      { ...look, drifts: left },
      { area: look.area, subject: `${look.subject} of others`, drifts: told, policy: "accept" },
    ];
  });
  // Where nobody could look at all of it, something may be there all the same.
  if (looks.some(({ unchecked }) => unchecked !== undefined)) return split;
  const idle = others.filter((other) => !found.has(other)).map((other) => describeIdle(other, others));
  if (idle.length === 0) return split;
  return [...split, { area: "unmanaged", subject: "others that are not there", drifts: idle, policy: "accept" }];
}

function fits({ what, where, is }: OtherPlan, drift: Drift): boolean {
  return drift.what === what && (where === undefined || drift.where === where) && (is === undefined || drift.is === is);
}

function describeIdle(other: OtherPlan, others: readonly OtherPlan[]): Drift {
  const { what, where = "anywhere" } = other;
  return { kind: "missing", what, where, was: other.is ?? "there", is: null, ...placeOf(other, others) };
}

function placeOf(other: OtherPlan, others: readonly OtherPlan[]): Required<Pick<Drift, "inventory">> {
  return { inventory: `others[${others.indexOf(other)}] in config/homelab/others.yaml` };
}
