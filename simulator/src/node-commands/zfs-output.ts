import type { Call } from "../shell/machine.ts";
import type { ReadOptions } from "../shell/options.ts";

/** Prints a table with the columns that `-o` names, or else the usual ones. */
export function showRows(
  call: Call,
  given: ReadOptions["given"],
  rows: readonly Readonly<Record<string, string>>[],
  columns: string,
): number {
  const names = (given.get("o") ?? columns).split(",").map((name) => name.toUpperCase());
  call.out(printRows(rows, names, given.has("H")));
  return 0;
}

/** A table as zfs and zpool print it; for scripts without a heading, and with tabs. */
function printRows(
  rows: readonly Readonly<Record<string, string>>[],
  columns: readonly string[],
  forScripts: boolean,
): string {
  const cells = rows.map((row) => columns.map((column) => row[column] ?? "-"));
  if (forScripts) return cells.map((row) => `${row.join("\t")}\n`).join("");
  const all = [columns, ...cells];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => row[index]?.length ?? 0)));
  // Numbers stand to the right.
  const isNumber = columns.map(
    (column) => !["NAME", "PROPERTY", "VALUE", "SOURCE", "MOUNTPOINT", "HEALTH", "TYPE"].includes(column),
  );
  return all
    .map((row) => {
      const line = row.map((cell, index) =>
        isNumber[index] ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
      );
      return `${line.join("  ").trimEnd()}\n`;
    })
    .join("");
}

/** Bytes as zfs writes them: three digits and a unit. */
export function printBytes(bytes: number): string {
  const units = ["B", "K", "M", "G", "T", "P"];
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = Number.isInteger(value) || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)}${units[unit] ?? ""}`;
}
