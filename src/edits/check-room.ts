import type { NeededRoom, NodeWork } from "./edit.ts";
import { renderCommands } from "./edit.ts";

/** Free bytes of a storage on a node; undefined if that is unknown, or if the storage is shared and nothing is copied to it. */
export type FreeSpace = (node: string, storage: string) => number | undefined;

const gib = 2 ** 30;

/** Finds work that a storage may have no room for, as sentences with the way on. */
export function checkRoom(works: readonly NodeWork[], freeSpace: FreeSpace): string[] {
  const needed = works.flatMap(({ needs }) => needs);
  return works.flatMap((work) => {
    const tight = work.needs.find(
      ({ node, storage }) => (freeSpace(node, storage) ?? Infinity) < sumOf(needed, node, storage) * gib,
    );
    if (tight === undefined) return [];
    const { node, storage } = tight;
    const free = Math.floor((freeSpace(node, storage) ?? 0) / gib);
    return [
      `${storage} on ${node} has ${free} GiB free, and up to ${sumOf(needed, node, storage)} GiB are to go there, of ${work.guest} among others. Make room there, or name another storage. If the volumes are far from full, run this yourself; npm run up then lets the state follow:\n  ${renderCommands(work.commands)}`,
    ];
  });
}

function sumOf(needed: readonly NeededRoom[], node: string, storage: string): number {
  const own = needed.filter((room) => room.node === node && room.storage === storage);
  return own.reduce((sum, { sizeGib }) => sum + sizeGib, 0);
}
