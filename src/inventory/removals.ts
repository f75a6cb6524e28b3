import { z } from "zod";
import { GuestName } from "./scalars.ts";
import { showValue } from "./show-value.ts";

/** removals.yaml: guests without an entry that a run may delete with everything in them, each until the end of a day (UTC). */
export const Removals = z
  .record(
    GuestName,
    z.strictObject({
      until: z.iso
        .date({ error: ({ input }) => `${showValue(input)} is not a date. | Write it as 2026-12-31.` })
        .describe("The last day on which a run may delete the guest."),
    }),
  )
  .default({});

/** The guests that may be deleted, by name. */
export type Removals = z.infer<typeof Removals>;
