import type { Part, Word } from "./syntax.ts";

/** `a{b,c}` is two words, and `{1..3}` three. */
export function expandBraces(word: Word): Word[] {
  const open = word.findIndex((part) => isText(part, "{"));
  if (open < 0) return [word];
  const { close, commas } = findEnd(word, open);
  if (close < 0) return [word];
  const [before, after] = [word.slice(0, open), word.slice(close + 1)];
  const inside = word.slice(open + 1, close);
  const choices = commas.length > 0 ? splitAt(word, open, close, commas) : sequence(inside);
  if (choices === undefined) {
    return expandBraces(after).map((rest) => [...word.slice(0, close + 1), ...rest]);
  }
  return choices
    .flatMap(expandBraces)
    .flatMap((choice) => expandBraces(after).map((rest) => [...before, ...choice, ...rest]));
}

function findEnd(word: Word, open: number): { readonly close: number; readonly commas: readonly number[] } {
  const commas: number[] = [];
  let depth = 0;
  for (let index = open; index < word.length; index++) {
    if (isText(word[index], "{")) depth++;
    if (isText(word[index], ",") && depth === 1) commas.push(index);
    if (isText(word[index], "}") && --depth === 0) return { close: index, commas };
  }
  return { close: -1, commas };
}

function splitAt(word: Word, open: number, close: number, commas: readonly number[]): Word[] {
  const marks = [open, ...commas, close];
  return marks.slice(1).map((end, index) => word.slice((marks[index] ?? 0) + 1, end));
}

function sequence(inside: Word): Word[] | undefined {
  const text = inside.map((part) => (part.kind === "text" && !part.quoted ? part.text : "\0")).join("");
  const [, first, last] = /^(-?\d+)\.\.(-?\d+)$/.exec(text) ?? [];
  if (first === undefined || last === undefined) return undefined;
  const [from, to] = [Number(first), Number(last)];
  return Array.from({ length: Math.abs(to - from) + 1 }, (_, index) => [
    { kind: "text", text: String(from + Math.sign(to - from) * index), quoted: true },
  ]);
}

function isText(part: Part | undefined, text: string): boolean {
  return part?.kind === "text" && !part.quoted && part.text === text;
}
