import type { NeededRoom, NodeWork } from "./edit.ts";
import { renderCommands } from "./edit.ts";

/** Free bytes of a storage on a node; undefined if that is unknown, or if the storage is shared and nothing is copied to it. */
export type FreeSpace = (node: string, storage: string) => number | "not active" | undefined;

const gib = 2 ** 30;

/** Finds work that a storage may have no room for, as sentences with the way on. */
export function checkRoom(works: readonly NodeWork[], freeSpace: FreeSpace): string[] {
  const needed = works.flatMap(({ needs }) => needs);
  return works.flatMap(({ guest, needs, commands }) => {
    const problems = needs.flatMap(({ node, storage }) => {
      const [free, sizeGib] = [freeSpace(node, storage), sumOf(needed, node, storage)];
      const isToGo = `and up to ${sizeGib} GiB are to go there, of ${guest} among others.`;
      if (free === "not active")
        return [`${storage} is not active on ${node}, ${isToGo} Look at it there: pvesm status`];
      if (free === undefined || free >= sizeGib * gib) return [];
      const byHand = `If the volumes are far from full, run this yourself; npm run up then lets the state follow:\n  ${renderCommands(commands)}`;
      return [
        `${storage} on ${node} has ${Math.floor(free / gib)} GiB free, ${isToGo} Make room there, or name another storage. ${byHand}`,
      ];
    });
    return [...new Set(problems)];
  });
}

function sumOf(needed: readonly NeededRoom[], node: string, storage: string): number {
  const own = needed.filter((room) => room.node === node && room.storage === storage);
  return own.reduce((sum, { sizeGib }) => sum + sizeGib, 0);
}
