import { z } from "zod";
import { OnDrift } from "./on-drift.ts";
import { GuestName, Key, NodeName, Rate, Schedule, StorageId } from "./scalars.ts";
import { Line, Reason } from "./texts.ts";
import { showValue } from "./show-value.ts";

const Keep = z
  .int({
    error: ({ input }) => `${showValue(input)} is not a number of backups. | Write a whole number from 0 up.`,
  })
  .min(0, { error: "A negative number of backups cannot be kept. | Write a whole number from 0 up." });

/** backups.yaml: vzdump's jobs (https://pve.proxmox.com/pve-docs/chapter-vzdump.html). */
export const Backups = z.record(
  Key,
  z.strictObject({
    storage: StorageId,
    schedule: z
      .record(NodeName, Schedule)
      .describe("When each node begins; a node that is not named here does not take part."),
    retention: z
      .strictObject({ daily: Keep.default(0), weekly: Keep.default(0), monthly: Keep.default(0) })
      .refine(({ daily, weekly, monthly }) => daily + weekly + monthly > 0, {
        error: "No backup would be kept. | Keep one at least: daily, weekly or monthly.",
      }),
    bandwidth: Rate,
    mode: z.enum(["snapshot", "stop", "suspend"]).default("snapshot"),
    compression: z.enum(["gzip", "lzo", "zstd"]).default("zstd"),
    notes: Line.default("{{guestname}} ({{vmid}}) on {{node}}"),
    repeatMissed: z.boolean().default(true).describe("Whether what a node slept through is made up for."),
    exclude: z.record(GuestName, Reason).default({}).describe("Guests that this job leaves out, each with the reason."),
    onDrift: OnDrift,
  }),
);

/** One backup job as the inventory describes it. */
export type Backup = z.infer<typeof Backups>[string];
