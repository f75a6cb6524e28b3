import { z } from "zod";
import { isPrintable } from "./printable.ts";
import { showValue } from "./show-value.ts";

const most = 1000;

/** Texts that people read, in a terminal too: one line, in which nothing is hidden. */
export const Line = z
  .string()
  .min(1, { error: "There is nothing in it. | Write a text." })
  .max(most, { error: `It has more than ${most} characters. | Write it shorter.` })
  .refine(isPrintable, {
    error: ({ input }) =>
      `${showValue(input)} has a character in it that does not show, such as the end of a line. | Write it in one line; a long one can stand below >-.`,
  });

/** A sentence that says why something is as it is. */
export const Reason = z
  .string({ error: "There is no reason. | Write a sentence that will still convince in a year." })
  .min(10, {
    error: ({ input }) => `${showValue(input)} is no reason. | Write a sentence that will still convince in a year.`,
  })
  .pipe(Line);

/** A path of which nothing has a meaning to a shell, a unit of systemd or a setting of Proxmox. */
export const absolutePath = (example: string) =>
  z.string().regex(/^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9_.@:+-]+)+$/, {
    error: ({ input }) =>
      `${showValue(input)} is not an absolute path. | Write one of letters, digits and _ . @ : + - such as ${example}.`,
  });
