import type { HomelabPlan } from "../plan/plan.ts";
import type { Built } from "../state/built.ts";

/**
 * Says which guests stay as they were made although the inventory has another image for them now: an image counts when a guest is
 * created only.
 */
export function noteImages({ containers, machines }: HomelabPlan, { guests }: Built): string[] {
  const wanted = new Map([
    ...containers.map(({ name, template }) => [name, template] as const),
    ...machines.map(({ name, systemDisk }) => [name, systemDisk.importFrom] as const),
  ]);
  const older = guests.flatMap(({ name, madeFrom }) => {
    const image = wanted.get(name);
    return image === undefined || madeFrom === undefined || madeFrom === image ? [] : [{ name, image, madeFrom }];
  });
  return [...new Set(older.map(({ image }) => image))].sort().map((image) => {
    const of = older.filter((guest) => guest.image === image).map(({ name, madeFrom }) => `${name} (from ${madeFrom})`);
    return `The image ${image} is for new guests only. These stay as they were made: ${of.join(", ")}.`;
  });
}
