import type { DiskPlan, GuestPlan } from "../plan/guests.ts";

/** Cores and memory: `2 cores · 1 GiB`. */
export function renderCompute({ cores, memoryMib }: Pick<GuestPlan, "cores" | "memoryMib">): string {
  return `${renderCount(cores, "core")} · ${renderMemory(memoryMib)}`;
}

/** Memory in the unit that is easiest to read: `512 MiB`, `1.5 GiB`. */
export function renderMemory(mib: number): string {
  return mib < 1024 ? `${mib} MiB` : `${renderGib(mib)} GiB`;
}

/** A number of GiB with one decimal at most. */
export function renderGib(mib: number): string {
  return String(Math.round((mib / 1024) * 10) / 10);
}

/** Sizes by storage: `8 + 64 GiB on fast`. */
export function renderDisks(disks: readonly DiskPlan[]): string {
  const storages = [...new Set(disks.map(({ storage }) => storage))];
  return storages
    .map((storage) => {
      const sizes = disks.filter((disk) => disk.storage === storage).map(({ sizeGib }) => sizeGib);
      return `${sizes.join(" + ")} GiB on ${storage}`;
    })
    .join(", ");
}

/** A number with its noun: `1 core`, `2 cores`. */
export function renderCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
