import type { Call, Program } from "../machine.ts";
import { readOptions } from "../options.ts";
import { forEach, linesOf, orInput, readData } from "./paths.ts";
import { unescape } from "./unescape.ts";

/** Programs that sort, count and cut lines. */
export const linePrograms: Readonly<Record<string, Program>> = { cut, sort, tr, uniq, wc };

async function cut(call: Call): Promise<number> {
  const { given, operands } = readOptions(call.args, "d:f:c:s", ["delimiter=|d", "fields=|f", "only-delimited|s"]);
  const [delimiter, list] = [given.get("d") ?? "\t", given.get("f") ?? given.get("c") ?? ""];
  const ranges = list.split(",").map((range) => {
    const [first = "", last = first] = range.split("-");
    return [Number(first || 1), last === "" ? Infinity : Number(last)] as const;
  });
  for (const line of linesOf(await readData(call, operands[0] ?? "-"))) {
    const fields = given.has("c") ? Array.from(line) : line.split(delimiter);
    if (fields.length === 1 && !given.has("c")) {
      if (!given.has("s")) call.out(`${line}\n`);
      continue;
    }
    const kept = fields.filter((_, index) => ranges.some(([first, last]) => index + 1 >= first && index + 1 <= last));
    call.out(`${kept.join(given.has("c") ? "" : delimiter)}\n`);
  }
  return 0;
}

async function sort(call: Call): Promise<number> {
  const { given, operands } = readOptions(call.args, "nruVk:t:", [
    ...["numeric-sort|n", "reverse|r", "unique|u", "version-sort|V", "key=|k", "field-separator=|t"],
  ]);
  const lines: string[] = [];
  for (const path of orInput(operands)) lines.push(...linesOf(await readData(call, path)));
  const numeric = given.has("n") || given.has("V");
  const [, field = "1", end = "0"] = /^(\d+)(?:,(\d+))?$/.exec(given.get("k") ?? "1") ?? [];
  const separator = given.get("t");
  const keyOf = (line: string) => {
    const fields = separator === undefined ? (line.match(/\s*\S+/g) ?? []) : line.split(separator);
    return fields.slice(Number(field) - 1, Number(end) || undefined).join(separator ?? "");
  };
  const order = (a: string, b: string) =>
    numeric ? a.localeCompare(b, "en", { numeric }) : a < b ? -1 : a > b ? 1 : 0;
  lines.sort((a, b) => (given.has("k") ? order(keyOf(a), keyOf(b)) : 0) || order(a, b));
  if (given.has("r")) lines.reverse();
  for (const line of given.has("u") ? new Set(lines) : lines) call.out(`${line}\n`);
  return 0;
}

async function tr(call: Call): Promise<number> {
  const { given, operands } = readOptions(call.args, "dsc", ["delete|d", "complement|c", "squeeze-repeats|s"]);
  const [named = "", to = ""] = operands.map(expandSet);
  const from = given.has("c") ? complementOf(named) : named;
  let text = (await call.input.read()).toString("utf8");
  if (given.has("d"))
    text = Array.from(text)
      .filter((character) => !from.includes(character))
      .join("");
  else if (to !== "") {
    text = Array.from(text)
      .map((character) => (from.includes(character) ? (to[from.indexOf(character)] ?? to.at(-1) ?? "") : character))
      .join("");
  }
  const squeezed = to === "" ? from : to;
  if (given.has("s"))
    text = text.replaceAll(/([^])\1+/g, (run, character: string) => (squeezed.includes(character) ? character : run));
  call.out(text);
  return 0;
}

/** Of the characters that have one byte. */
function complementOf(set: string): string {
  const all = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));
  return all.filter((character) => !set.includes(character)).join("");
}

function expandSet(set: string): string {
  const classes = unescape(set)
    .replaceAll("[:lower:]", "a-z")
    .replaceAll("[:upper:]", "A-Z")
    .replaceAll("[:digit:]", "0-9")
    .replaceAll("[:space:]", " \t\n\r");
  return classes.replaceAll(/([^])-([^])/g, (_, first: string, last: string) => {
    const start = first.charCodeAt(0);
    return Array.from({ length: last.charCodeAt(0) - start + 1 }, (_value, index) =>
      String.fromCharCode(start + index),
    ).join("");
  });
}

async function uniq(call: Call): Promise<number> {
  const { given, operands } = readOptions(call.args, "c");
  const lines = linesOf(await readData(call, operands[0] ?? "-"));
  const counts: [string, number][] = [];
  for (const line of lines) {
    const last = counts.at(-1);
    if (last?.[0] === line) last[1]++;
    else counts.push([line, 1]);
  }
  for (const [line, count] of counts) call.out(given.has("c") ? `${String(count).padStart(7)} ${line}\n` : `${line}\n`);
  return 0;
}

async function wc(call: Call): Promise<number> {
  const { given, operands } = readOptions(call.args, "lwc", ["lines|l", "words|w", "bytes|c"]);
  return forEach(call, orInput(operands), async (path) => {
    const data = await readData(call, path);
    const text = data.toString("utf8");
    const counts = {
      l: text.split("\n").length - 1,
      w: text.split(/\s+/).filter((word) => word !== "").length,
      c: data.length,
    };
    const chosen = Object.entries(counts).filter(([letter]) => given.size === 0 || given.has(letter));
    const numbers = chosen.map(([, count]) => String(count).padStart(given.size === 1 ? 0 : 7)).join(" ");
    call.out(`${numbers}${operands.length === 0 ? "" : ` ${path}`}\n`);
  });
}
