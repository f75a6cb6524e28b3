import type { Backup } from "../inventory/backups.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { vmidOf } from "../inventory/vmid.ts";
import { guestsOf } from "./named-guests.ts";
import { perNodeName } from "./names.ts";
import { resolved } from "./resolved.ts";
import { sortedEntries, sortedSet } from "./sorted.ts";

/** One job of vzdump on one node, decided. */
export interface BackupJobPlan {
  /** Logical name and ID of the job. */
  readonly name: string;
  /** Key in the inventory. */
  readonly job: string;
  readonly node: string;
  readonly storage: string;
  readonly schedule: string;
  /** Whatever is on the node, so that a new guest is never forgotten. */
  readonly all: true;
  /** VMIDs that are left out. */
  readonly exclude: readonly number[];
  readonly mode: "snapshot" | "stop" | "suspend";
  readonly compression: "gzip" | "lzo" | "zstd";
  readonly bandwidthKib: number;
  readonly repeatMissed: boolean;
  readonly notes: string;
  /** As the provider takes it: `{ "keep-daily": "7" }`. */
  readonly prune: Readonly<Record<string, string>>;
}

const kib = 2 ** 10;

/** Decides a job for each node that takes part. */
export function planBackups(inventory: Inventory): BackupJobPlan[] {
  return sortedEntries(inventory.backups).flatMap(([job, backup]) =>
    sortedEntries(backup.schedule).map(([node, schedule]) => ({
      name: perNodeName(job, node),
      job,
      node,
      storage: backup.storage,
      schedule,
      all: true as const,
      exclude: excluded(backup, node, inventory),
      mode: backup.mode,
      compression: backup.compression,
      bandwidthKib: backup.bandwidth / kib,
      repeatMissed: backup.repeatMissed,
      notes: backup.notes,
      prune: planPrune(backup.retention),
    })),
  );
}

function excluded({ exclude }: Backup, node: string, inventory: Inventory): number[] {
  const guests = guestsOf(inventory).filter(({ name, guest }) => Object.hasOwn(exclude, name) && guest.node === node);
  return sortedSet(guests.map(({ guest }) => vmidOf(guest, resolved(inventory.networks, guest.network))));
}

function planPrune(retention: Backup["retention"]): Record<string, string> {
  const kept = (["daily", "weekly", "monthly"] as const).filter((period) => retention[period] > 0);
  return Object.fromEntries(kept.map((period) => [`keep-${period}`, String(retention[period])]));
}
