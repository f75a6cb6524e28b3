import type { Place, PlacedStepsPlan } from "../plan/steps.ts";
import type { AppliedSteps } from "../provision/applied-steps.ts";
import { observationOf, type Observations } from "../provision/observe-steps.ts";
import type { Drift, Look } from "./drift.ts";
import type { ResourceLook } from "./find-resource-drift.ts";

/** The places and steps at which there is something to look for: of what was never applied nothing can have changed. */
export function appliedPlaces(placed: readonly PlacedStepsPlan[], applied: AppliedSteps): PlacedStepsPlan[] {
  return placed
    .map((place) => ({ ...place, steps: place.steps.filter(({ name }) => applied.has(name)) }))
    .filter(({ steps }) => steps.length > 0);
}

/**
 * Finds the steps that are no longer as they were applied.
 * @param placed of which something was applied, where it was
 * @param guests what was found of the guests themselves: in one that is gone or stopped nobody can look, and that is told there
 */
export function findStepDrift(
  placed: readonly PlacedStepsPlan[],
  { applied, observed }: { applied: AppliedSteps; observed: Observations },
  guests: readonly ResourceLook[],
): Look[] {
  return placed.flatMap(({ name, place, steps, onDrift: policy }): Look[] => {
    const observation = observationOf(observed, name);
    const where = whereOf(place);
    if (observation.kind === "unseen") {
      const known = explain(place, guests);
      const unchecked = { reason: known ?? observation.reason, incomplete: known === undefined };
      return [{ area: "guests and nodes", subject: `steps in ${name}`, drifts: [], unchecked, policy }];
    }
    if (observation.steps.size === 0 && explain(place, guests) !== undefined) return [];
    return steps.map((step): Look => {
      const subject = `step ${step.name} in ${name}`;
      const found = observation.steps.get(step.name);
      const is = changeOf(found, applied.get(step.name) ?? 1);
      const drift = is === undefined ? [] : [{ what: subject, where, was: "as it was applied", is }];
      const kind = found === undefined ? "missing" : "changed";
      return { area: "guests and nodes", subject, drifts: drift.map((one): Drift => ({ kind, ...one })), policy };
    });
  });
}

function changeOf(
  found: { readonly revision: number; readonly changed: string | undefined } | undefined,
  revision: number,
): string | null | undefined {
  if (found === undefined) return null;
  if (found.changed !== undefined) return found.changed;
  if (found.revision === revision) return undefined;
  const restored = found.revision < revision ? ": was an older backup restored?" : "";
  return `applied ${times(found.revision)}, and the state knows of ${times(revision)}${restored}`;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

/** Why nobody can look into a guest, where that itself is told as drift. */
function explain(place: Place, guests: readonly ResourceLook[]): string | undefined {
  if (place.kind === "node") return undefined;
  const drifts = guests.find(({ guest }) => guest?.vmid === place.vmid)?.drifts ?? [];
  if (drifts.some(({ kind }) => kind === "missing")) return "the guest is not there";
  if (drifts.some(({ what }) => what.endsWith(": nodeName"))) return "the guest is on another node";
  return drifts.some(({ what, is }) => what.endsWith(": started") && is === false) ? "the guest is stopped" : undefined;
}

function whereOf(place: Place): string {
  return place.kind === "node" ? place.node : `${place.node}, VMID ${place.vmid}`;
}
