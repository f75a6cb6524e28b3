type Row = Readonly<Record<string, unknown>>;

/** Prints what an endpoint returned as `--output-format` asks. */
export function printResult(
  result: unknown,
  own: Readonly<Record<string, string>>,
  columns?: readonly string[],
): string {
  const { "output-format": format = "text" } = own;
  if (format === "json") return `${JSON.stringify(sortKeys(result))}\n`;
  if (format === "json-pretty") return `${JSON.stringify(sortKeys(result), undefined, 3)}\n`;
  if (result === null || result === undefined || result === "") return "";
  if (typeof result !== "object") return `${textOf(result)}\n`;
  const rows = Array.isArray(result) ? (result as unknown[]) : undefined;
  if (rows?.some((row) => typeof row !== "object")) return rows.map((row) => `${textOf(row)}\n`).join("");
  if (rows !== undefined) return printTable(rows as Row[], columns, own);
  const pairs = Object.entries(result).sort(([a], [b]) => (a < b ? -1 : 1));
  return printTable(
    pairs.map(([key, value]) => ({ key, value: value as unknown })),
    ["key", "value"],
    own,
  );
}

/** A table with lines around its cells, as PVE::CLIFormatter draws it. */
function printTable(
  rows: readonly Row[],
  columns: readonly string[] | undefined,
  own: Readonly<Record<string, string>>,
): string {
  const known = [...new Set(rows.flatMap((row) => Object.keys(row)))].sort();
  const names = (columns ?? known).filter((name) => known.includes(name));
  if (names.length === 0) return "";
  const cells = rows.map((row) => names.map((name) => textOf(row[name])));
  const heading = own["noheader"] === undefined ? [names] : [];
  const widths = names.map((_, index) => Math.max(...[...heading, ...cells].map((row) => row[index]?.length ?? 0)));
  const line = (row: readonly string[]) => row.map((cell, index) => cell.padEnd(widths[index] ?? 0));
  if (own["noborder"] !== undefined)
    return [...heading, ...cells].map((row) => `${line(row).join(" ").trimEnd()}\n`).join("");
  const rule = (left: string, fill: string, middle: string, right: string) =>
    `${left}${widths.map((width) => fill.repeat(width + 2)).join(middle)}${right}\n`;
  const bordered = (row: readonly string[]) => `│ ${line(row).join(" │ ")} │\n`;
  return [
    rule("┌", "─", "┬", "┐"),
    ...heading.map((row) => bordered(row) + rule("╞", "═", "╪", "╡")),
    cells.map(bordered).join(rule("├", "─", "┼", "┤")),
    rule("└", "─", "┴", "┘"),
  ].join("");
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(sortKeys(value));
}

/** Perl's JSON is printed in canonical order. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sortKeys(item)]));
}
