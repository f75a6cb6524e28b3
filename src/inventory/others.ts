import { z } from "zod";
import { showValue } from "./show-value.ts";
import { Line, Reason } from "./texts.ts";

/** What drift calls the things that it finds on a server and no entry of the inventory stands for. */
export const otherWords = [
  "IP set",
  "alias",
  "backup job",
  "container",
  "firewall rule",
  "group",
  "machine",
  "metric server",
  "permission of",
  "realm",
  "resource pool",
  "role",
  "security group",
  "storage",
  "token",
  "user",
] as const;

/** others.yaml: what is on the server besides, belongs there, and is no matter of this inventory. */
export const Others = z
  .array(
    z.strictObject({
      what: Line.refine((text) => otherWords.some((word) => text.startsWith(`${word} `)), {
        error: ({ input }) =>
          `${showValue(input)} is nothing that drift finds. | Write it as npm run drift names it, beginning with one of: ${otherWords.join(", ")}.`,
      }).describe("As `npm run drift` names it: `user alice@pam`."),
      where: Line.optional().describe("Where it is, as `npm run drift` says it; anywhere where it is left out."),
      is: Line.optional().describe(
        "What it is, as `npm run drift` says it, such as the text of a firewall rule; anything where it is left out.",
      ),
      reason: Reason,
    }),
  )
  .default([]);
