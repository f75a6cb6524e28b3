import { isDeepStrictEqual } from "node:util";
import type { PlacedStepsPlan } from "../plan/steps.ts";
import type { Built } from "../state/built.ts";

/** The same steps, each guest at the place where the last run left it: an edit that moves a guest has not moved it yet. */
export function placesAsBuilt(
  placed: readonly PlacedStepsPlan[],
  { guests }: Pick<Built, "guests">,
): PlacedStepsPlan[] {
  return placed.map((own) => {
    const guest = own.place.kind === "node" ? undefined : guests.find(({ name }) => name === own.name);
    if (guest === undefined) return own;
    const { kind, node, vmid } = guest;
    return { ...own, place: { kind, node, vmid } };
  });
}

/** The guests that this run replaces, by name: in the new one nothing has been set up. */
export function replacedGuests(placed: readonly PlacedStepsPlan[], built: Pick<Built, "guests">): ReadonlySet<string> {
  const before = placesAsBuilt(placed, built);
  return new Set(
    placed.filter(({ place }, index) => !isDeepStrictEqual(place, before[index]?.place)).map(({ name }) => name),
  );
}
