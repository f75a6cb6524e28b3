import type { Inventory } from "../inventory.ts";
import type { Network } from "../networks.ts";
import type { WaivableRule } from "../waivers.ts";

/** A broken rule that spans several values; the loader adds where it stands. */
export interface RuleIssue {
  readonly path: readonly (string | number)[];
  /** Whether the name itself is wrong or what stands under it. */
  readonly at?: "key" | "value";
  readonly problem: string;
  readonly remedy: string;
}

/** A broken rule that a written waiver can lift. */
export interface PolicyIssue extends RuleIssue {
  readonly rule: WaivableRule;
  /** Path of what a waiver names. */
  readonly subject: string;
}

/** A guest with its place in the inventory. */
export type PlacedGuest = {
  readonly name: string;
  /** `containers.grafana`, in parts. */
  readonly path: readonly [string, string];
} & (
  | { readonly kind: "container"; readonly guest: Inventory["containers"][string] }
  | { readonly kind: "machine"; readonly guest: Inventory["machines"][string] }
);

/** A volume of a guest with its place in the inventory. */
export interface PlacedVolume {
  readonly path: readonly (string | number)[];
  readonly storage: string;
  readonly backup: boolean;
  /** In bytes. */
  readonly size: number;
}

/** All guests as they stand in the files. */
export function placedGuests({ containers, machines }: Inventory): PlacedGuest[] {
  return [
    ...Object.entries(containers).map(([name, guest]) => ({
      name,
      path: ["containers", name] as const,
      kind: "container" as const,
      guest,
    })),
    ...Object.entries(machines).map(([name, guest]) => ({
      name,
      path: ["machines", name] as const,
      kind: "machine" as const,
      guest,
    })),
  ];
}

/** All volumes of a guest, its system's first. */
export function placedVolumes({ path, kind, guest }: PlacedGuest): PlacedVolume[] {
  const [key, volumes] = kind === "container" ? ["volumes", guest.volumes] : ["disks", guest.disks];
  return [
    { path: [...path, "disk", "storage"], storage: guest.disk.storage, backup: true, size: guest.disk.size },
    ...Object.entries(volumes).map(([slot, { storage, backup, size }]) => ({
      path: [...path, key, slot, "storage"],
      storage,
      backup,
      size,
    })),
  ];
}

/** Whether a guest stands where the internet can reach it. */
export function isExposed({ guest }: PlacedGuest, network: Network | undefined): boolean {
  return guest.exposure === "internet" || network?.zone === "dmz";
}
