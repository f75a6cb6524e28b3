import { parseScript, parseSubstitution } from "./parse.ts";
import { Scanner } from "./scanner.ts";
import type { ParameterChange, Part, Word } from "./syntax.ts";

const name = /[A-Za-z_]\w*|\d+|[?#@*$!-]/y;
const plainName = /[A-Za-z_]\w*|\d|[?#@*$!-]/y;
const operators = [":-", ":=", ":+", ":?", "%%", "##", "//", "-", "=", "+", "?", "%", "#", "/"] as const;

/** Reads a word up to a blank or an operator that is not quoted; undefined where there is none. */
export function parseWord(scanner: Scanner, stop = /[\s;&|<>()]/): Word | undefined {
  const parts: Part[] = [];
  const start = scanner.position;
  while (!scanner.ended && !stop.test(scanner.peek())) parts.push(...parsePiece(scanner));
  return scanner.position === start ? undefined : parts;
}

/** Reads text as between double quotes, to its end: a here-document. */
export function parseQuotedText(text: string): Word {
  const scanner = new Scanner(text);
  const parts: Part[] = [];
  while (!scanner.ended) parts.push(parseQuotedPiece(scanner, /[$`\\]/));
  return parts;
}

function parsePiece(scanner: Scanner): Part[] {
  const character = scanner.peek();
  if (scanner.take("\\\n")) return [];
  if (scanner.take("'")) return [{ kind: "text", text: scanner.until("'", "quoted string"), quoted: true }];
  if (scanner.take("$'")) return [{ kind: "text", text: parseAnsi(scanner), quoted: true }];
  if (scanner.take('"')) return parseDoubleQuotes(scanner);
  if (character === "\\") {
    scanner.next();
    return [{ kind: "text", text: scanner.next(), quoted: true }];
  }
  if (character === "$" || character === "`") return [parseDollar(scanner, false)];
  return [{ kind: "text", text: scanner.next(), quoted: false }];
}

function parseDoubleQuotes(scanner: Scanner): Part[] {
  const parts: Part[] = [];
  while (!scanner.take('"')) {
    if (scanner.ended) throw scanner.problem("Unterminated quoted string");
    parts.push(parseQuotedPiece(scanner, /["$`\\\n]/));
  }
  // Nothing between the quotes is still a word.
  return parts.length === 0 ? [{ kind: "text", text: "", quoted: true }] : parts;
}

function parseQuotedPiece(scanner: Scanner, escapable: RegExp): Part {
  const character = scanner.peek();
  if (character === "$" || character === "`") return parseDollar(scanner, true);
  scanner.next();
  if (character !== "\\" || !(escapable.test(scanner.peek()) || scanner.peek() === "\n")) {
    return { kind: "text", text: character, quoted: true };
  }
  const escaped = scanner.next();
  return { kind: "text", text: escaped === "\n" ? "" : escaped, quoted: true };
}

function parseDollar(scanner: Scanner, quoted: boolean): Part {
  if (scanner.take("`")) return { kind: "command", quoted, script: parseBackticks(scanner) };
  scanner.next();
  if (scanner.take("((")) return { kind: "arithmetic", quoted, expression: parseArithmetic(scanner) };
  if (scanner.take("(")) return { kind: "command", quoted, script: parseSubstitution(scanner) };
  if (scanner.take("{")) return parseBraces(scanner, quoted);
  const found = scanner.match(plainName);
  return found === undefined ? { kind: "text", text: "$", quoted } : { kind: "parameter", quoted, name: found };
}

function parseBackticks(scanner: Scanner) {
  let text = "";
  while (!scanner.take("`")) {
    if (scanner.ended) throw scanner.problem("Unterminated backquote substitution");
    if (scanner.peek() === "\\" && /[$`\\]/.test(scanner.peek(1))) scanner.next();
    text += scanner.next();
  }
  return parseScript(text);
}

function parseArithmetic(scanner: Scanner): Word {
  let depth = 0;
  const start = scanner.position;
  while (depth > 0 || !scanner.at("))")) {
    if (scanner.ended) throw scanner.problem("Missing '))'");
    const character = scanner.next();
    if (character === "(") depth++;
    if (character === ")") depth--;
  }
  const text = scanner.text.slice(start, scanner.position);
  scanner.take("))");
  return parseQuotedText(text);
}

function parseBraces(scanner: Scanner, quoted: boolean): Part {
  const length = scanner.at("#") && scanner.peek(1) !== "}" && scanner.take("#");
  const found = scanner.match(name);
  if (found === undefined) throw scanner.problem("Bad substitution");
  const change = length ? { operator: "length" as const, word: [] } : parseChange(scanner, quoted);
  if (!scanner.take("}")) throw scanner.problem("Bad substitution");
  return { kind: "parameter", quoted, name: found, ...(change === undefined ? {} : { change }) };
}

function parseChange(scanner: Scanner, quoted: boolean): ParameterChange | undefined {
  const operator = operators.find((candidate) => scanner.take(candidate));
  if (operator === undefined) return undefined;
  const replaces = operator === "/" || operator === "//";
  const isValue = /^:?[-=+?]$/.test(operator);
  if (quoted && isValue) return { operator, word: parseQuotedValue(scanner) };
  const word = parseChangeWord(scanner, quoted && isValue, replaces ? /[}/]/ : /}/);
  return replaces && scanner.take("/")
    ? { operator, word, replacement: parseChangeWord(scanner, quoted, /}/) }
    : { operator, word };
}

/** In `"${x:-word}"` single quotes stand for themselves, and double quotes need not be escaped. */
function parseQuotedValue(scanner: Scanner): Word {
  const parts: Part[] = [];
  while (!scanner.ended && scanner.peek() !== "}") {
    if (scanner.take('"')) parts.push(...parseDoubleQuotes(scanner));
    else parts.push(parseQuotedPiece(scanner, /["$`\\}]/));
  }
  return parts;
}

function parseChangeWord(scanner: Scanner, quoted: boolean, stop: RegExp): Word {
  const parts = parseWord(scanner, stop) ?? [];
  return quoted ? parts.map((part) => (part.kind === "text" ? part : { ...part, quoted })) : parts;
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", a: "\x07", e: "\x1b", "0": "\0" };

function parseAnsi(scanner: Scanner): string {
  let text = "";
  while (!scanner.take("'")) {
    if (scanner.ended) throw scanner.problem("Unterminated quoted string");
    const character = scanner.next();
    if (character !== "\\") text += character;
    else {
      const escaped = scanner.next();
      const code = escaped === "x" ? scanner.match(/[0-9a-f]{1,2}/iy) : undefined;
      text += code === undefined ? (escapes[escaped] ?? escaped) : String.fromCharCode(parseInt(code, 16));
    }
  }
  return text;
}
