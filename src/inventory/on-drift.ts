import { z } from "zod";

const words = z.enum(["report", "restore", "accept"]);

/** What becomes of it where somebody has changed what the inventory's entry stands for. */
export type DriftPolicy = z.infer<typeof words>;

/** `onDrift` of an entry. */
export const OnDrift = words
  .default("report")
  .describe(
    "Where somebody has changed it: `report` tells of it, `restore` lets `npm run drift -- --restore` bring it back without asking, `accept` leaves it and counts it as no drift.",
  );

/** `onDrift` of an entry within another, whose word holds where there is none. */
export const InnerOnDrift = words.optional().describe("Its node's where it is left out.");
