import { z } from "zod";
import type { Inventory } from "../inventory/inventory.ts";
import { placedGuests } from "../inventory/rules/rule.ts";
import type { RefusedEdit } from "./edit.ts";

/** GET /cluster/options, as far as it is about tags. */
export const TagOptions = z.object({ "tag-style": z.record(z.string(), z.union([z.string(), z.number()])).optional() });
/** How a datacenter treats tags. */
export type TagOptions = z.infer<typeof TagOptions>;

/** Whether a guest has a tag with capitals: only then is it asked how the datacenter treats them. */
export function hasCapitalTags(inventory: Inventory): boolean {
  return placedGuests(inventory).some(({ guest }) => guest.tags.some(hasCapitals));
}

/**
 * Refuses tags with capitals if the datacenter writes all tags in lower case, which is its default: what comes back would differ
 * from what was sent in every refresh.
 */
export function checkTags(inventory: Inventory, options: TagOptions | undefined): RefusedEdit[] {
  const style = options?.["tag-style"] ?? {};
  if (options === undefined || Number(style["case-sensitive"] ?? 0) === 1) return [];
  const keepsCase = Object.entries({ ...style, "case-sensitive": 1 }).map(([key, value]) => `${key}=${value}`);
  return placedGuests(inventory).flatMap(({ path, guest }) =>
    guest.tags.flatMap((tag, index): RefusedEdit[] => {
      if (!hasCapitals(tag)) return [];
      return [
        {
          path: [...path, "tags", index],
          problem: `This Proxmox VE would write the tag ${tag} as ${tag.toLowerCase()}, because its datacenter does not tell capitals in tags.`,
          remedy: `Write ${tag.toLowerCase()}, or let the datacenter keep capitals, on a node:\n  pvesh set /cluster/options --tag-style '${keepsCase.join(",")}'`,
        },
      ];
    }),
  );
}

function hasCapitals(tag: string): boolean {
  return tag !== tag.toLowerCase();
}
