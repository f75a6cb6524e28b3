import type { Inventory } from "../inventory.ts";
import type { PolicyIssue } from "./rule.ts";

/** What guests are made from is what it was when someone chose it. */
export function checkImages({ images }: Inventory): PolicyIssue[] {
  return Object.entries(images).flatMap(([key, { checksum, kind }]) => {
    if (checksum !== undefined) return [];
    return [
      {
        rule: "imageChecksum" as const,
        subject: `images.${key}`,
        path: ["images", key],
        at: "key" as const,
        problem: "Nothing proves that the file is the one that was meant: it has no checksum.",
        remedy: `Add checksum with algorithm and value${kind === "talos" ? ", of a file that you downloaded yourself" : ", as its publisher gives them"}.`,
      },
    ];
  });
}
