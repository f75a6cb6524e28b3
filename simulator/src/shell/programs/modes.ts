import type { FileEntry } from "../../state/files.ts";
import { CommandError } from "../machine.ts";

/** Applies `0644` or `u+x,go-w` to permission bits. */
export function applyMode(text: string, before: number, folder: boolean): number {
  if (/^[0-7]{1,5}$/.test(text)) return parseInt(text, 8);
  return text.split(",").reduce((mode, clause) => applyClause(clause, mode, folder), before);
}

/** Letters as `ls -l` shows permission bits. */
export function printMode(kind: FileEntry["kind"], mode: number): string {
  const letters = ["r", "w", "x"];
  const bits = Array.from({ length: 9 }, (_, index) => (mode & (1 << (8 - index)) ? (letters[index % 3] ?? "") : "-"));
  if (mode & 0o1000) bits[8] = bits[8] === "x" ? "t" : "T";
  if (mode & 0o2000) bits[5] = bits[5] === "x" ? "s" : "S";
  if (mode & 0o4000) bits[2] = bits[2] === "x" ? "s" : "S";
  return `${{ block: "b", file: "-", folder: "d", link: "l" }[kind]}${bits.join("")}`;
}

function applyClause(clause: string, before: number, folder: boolean): number {
  const [, who = "", operator = "", letters = ""] = /^([ugoa]*)([-+=])([rwxXst]*)$/.exec(clause) ?? [];
  if (operator === "") throw new CommandError(`invalid mode: '${clause}'`);
  const everyone = who === "" || who.includes("a");
  let bits = 0;
  for (const [place, letter] of ["u", "g", "o"].entries()) {
    if (!everyone && !who.includes(letter)) continue;
    const shift = 6 - 3 * place;
    if (letters.includes("r")) bits |= 4 << shift;
    if (letters.includes("w") && (who !== "" || place === 0)) bits |= 2 << shift;
    if (letters.includes("x") || (letters.includes("X") && (folder || (before & 0o111) !== 0))) bits |= 1 << shift;
    if (letters.includes("s") && place < 2) bits |= place === 0 ? 0o4000 : 0o2000;
  }
  if (letters.includes("t")) bits |= 0o1000;
  if (operator === "+") return before | bits;
  if (operator === "-") return before & ~bits;
  const mask = everyone
    ? 0o777
    : ["u", "g", "o"].reduce((sum, letter, place) => (who.includes(letter) ? sum | (7 << (6 - 3 * place)) : sum), 0);
  return (before & ~mask) | bits;
}
