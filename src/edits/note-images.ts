import type { HomelabPlan } from "../plan/plan.ts";
import type { Built } from "../state/built.ts";
import { builtImageOf } from "./keep-files.ts";

/**
 * Says which guests stay as they were made although the inventory has another image for them now: an image counts when a guest is
 * created only.
 */
export function noteImages({ containers, machines }: HomelabPlan, { guests }: Pick<Built, "guests">): string[] {
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

/**
 * Names the files that a run removes, with the guests that were made from them.
 * @param plan after `keepFiles`
 */
export function noteRemovedImages(plan: HomelabPlan, built: Built): string[] {
  const kept = new Set(plan.images.map((image) => builtImageOf(image, plan, built)));
  const gone = built.images.filter((image) => !kept.has(image));
  return [...new Set(gone.map(({ volumeId }) => volumeId))].sort().map((volumeId) => {
    const nodes = gone.filter((image) => image.volumeId === volumeId).map(({ node }) => node);
    const made = built.guests.filter(({ madeFrom }) => madeFrom === volumeId).map(({ name }) => name);
    const stay = made.length === 0 ? "" : ` Made from it, and not touched: ${made.join(", ")}.`;
    return `The file ${volumeId} goes from ${nodes.sort().join(" and ")}: no guest of the inventory asks for it any more.${stay}`;
  });
}
