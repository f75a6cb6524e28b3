import { readFileSync, statSync } from "node:fs";

/** What a file has in it, or why that is no text, and where in it. */
export type TextRead =
  | { readonly text: string }
  | { readonly problem: string; readonly remedy: string; readonly line: number; readonly column: number };

/** What a thousand guests need, and what is read within a second however it is made up. */
const mostBytes = 256 * 2 ** 10;

/** Reads a file that is written by hand: a text in UTF-8, of a size that somebody can oversee. */
export function readText(path: string): TextRead {
  try {
    const stats = statSync(path);
    // A pipe or a device might never come to an end.
    if (!stats.isFile()) return refuse("It is no file.", "Remove it, or put the file there.");
    if (stats.size > mostBytes) {
      const has = `It has ${Math.ceil(stats.size / 2 ** 10)} KiB, and ${mostBytes / 2 ** 10} KiB are the most that is read.`;
      return refuse(has, "Remove what is no part of the inventory.");
    }
    return decode(readFileSync(path));
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : String(error);
    return refuse(`It cannot be read: ${why}.`, "Put a file there that can be read, or remove it.");
  }
}

function decode(bytes: Buffer): TextRead {
  const remedy = "Save it as UTF-8.";
  if (["fffe", "feff"].includes(bytes.toString("hex", 0, 2))) return refuse("It is encoded as UTF-16.", remedy);
  const text = bytes.toString("utf8");
  if (!Buffer.from(text, "utf8").equals(bytes)) {
    const [before = ""] = bytes.toString("utf8", 0, firstDifference(bytes, Buffer.from(text, "utf8"))).split("\ufffd");
    return refuse("A byte here is no UTF-8.", remedy, before);
  }
  const control = text.search(/[^\P{Cc}\t\n\r]/u);
  if (control === -1) return { text };
  const code = text.charCodeAt(control).toString(16).padStart(4, "0").toUpperCase();
  return refuse(`The control character U+${code} stands here.`, "Remove it.", text.slice(0, control));
}

function firstDifference(a: Buffer, b: Buffer): number {
  const different = a.findIndex((byte, index) => byte !== b[index]);
  return different === -1 ? a.length : different;
}

function refuse(problem: string, remedy: string, before = ""): TextRead {
  const lines = before.split("\n");
  return { problem, remedy, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
