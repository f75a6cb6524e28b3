import type { ImagePlan } from "../plan/images.ts";
import type { HomelabPlan } from "../plan/plan.ts";
import type { BuiltImage } from "../state/built-places.ts";
import type { Built } from "../state/built.ts";
import { renderCommands, type RefusedEdit } from "./edit.ts";
import { builtImageOf, isSameFile } from "./keep-files.ts";

/**
 * Refuses an image that takes the file name of another content: Proxmox VE overwrites no file, so that the old one would have to
 * go before the new one is there.
 * @param plan after `keepFiles`
 */
export function checkImages(plan: Pick<HomelabPlan, "images" | "storages">, built: Built): RefusedEdit[] {
  const refused = plan.images.flatMap((image): RefusedEdit[] => {
    const there = builtImageOf(image, plan, built);
    if (there === undefined) return [];
    if (isSameFile(image, there))
      return image.name === there.name || image.formerName !== undefined ? [] : [swapped(image, there)];
    return [overwritten(image, there)];
  });
  // One sentence for all nodes.
  return refused.filter(
    ({ path, problem }, index) =>
      refused.findIndex((other) => other.path.join(".") === path.join(".") && other.problem === problem) === index,
  );
}

function overwritten({ image, kind, url, volumeId }: ImagePlan, there: BuiltImage): RefusedEdit {
  const differs = url === there.url ? "checksum" : "URL";
  const remove = renderCommands([{ node: there.node, command: `pvesm free ${volumeId}` }]);
  const byHand = `remove the old file yourself, on each node that has it, then run npm run pulumi -- refresh and npm run up:\n  ${remove}`;
  return {
    path: ["images", image, ...(kind === "talos" ? ["checksum"] : ["fileName"])],
    problem: `${volumeId} is there with another ${differs}. Proxmox VE overwrites no file: the old one would have to go first, and if the download failed there would be none.`,
    remedy:
      kind === "talos"
        ? `Write the old checksum again, or ${byHand}`
        : `Choose another fileName: the new file is downloaded first, and the old one goes once it is there. Or ${byHand}`,
  };
}

function swapped({ image, volumeId }: ImagePlan, there: BuiltImage): RefusedEdit {
  return {
    path: ["images", image],
    at: "key",
    problem: `${volumeId} belongs to ${there.name}, which gets another file in the same run: the one that is removed last would be the only one.`,
    remedy: "Choose a fileName that no image has, or use two runs: first give the other image its new file.",
  };
}
