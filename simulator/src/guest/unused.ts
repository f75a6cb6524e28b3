import { ApiError } from "../api-error.ts";
import type { Guest } from "../state/guest.ts";
import { disksOf, volumeOf } from "./features.ts";

/** Keeps a volume that its guest uses no more as `unused0`, `unused1`, …; paths of the node and used volumes stay out. */
export function addUnused({ type, config }: Guest, volumeId: string): void {
  if (volumeId.startsWith("/") || disksOf(type, config).some(({ volume }) => volume === volumeId)) return;
  const taken = Object.entries(config).filter(([key]) => /^unused\d+$/.test(key));
  if (taken.some(([, text]) => volumeOf(text) === volumeId)) return;
  for (let index = 0; index < 256; index++) {
    if (config[`unused${index}`] !== undefined) continue;
    config[`unused${index}`] = volumeId;
    return;
  }
  throw new ApiError(500, "Too many unused volumes - please delete them first.");
}
