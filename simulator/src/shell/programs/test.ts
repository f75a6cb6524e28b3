import { posix } from "node:path";
import { CommandError, type Call } from "../machine.ts";
import { patternSource } from "../pattern.ts";
import { absolute } from "./paths.ts";

/** `test`, `[`, and of bash's `[[` what needs no syntax of its own: one comparison, with a pattern on its right. */
export function test(call: Call): number {
  let words = call.args;
  if (call.name.startsWith("[")) {
    const end = call.name.replaceAll("[", "]");
    if (words.at(-1) !== end) throw new CommandError(`missing ${end}`, 2);
    words = words.slice(0, -1);
  }
  return either(call, words) ? 0 : 1;
}

function either(call: Call, words: readonly string[]): boolean {
  const at = words.indexOf("-o", 1);
  return at > 0 && words.length > 3
    ? both(call, words.slice(0, at)) || either(call, words.slice(at + 1))
    : both(call, words);
}

function both(call: Call, words: readonly string[]): boolean {
  const at = words.indexOf("-a", 1);
  return at > 0 && words.length > 3
    ? one(call, words.slice(0, at)) && both(call, words.slice(at + 1))
    : one(call, words);
}

function one(call: Call, words: readonly string[]): boolean {
  const [first = "", second = "", third = ""] = words;
  if (words.length === 3 && isBinary(second)) return compare(call, first, second, third);
  if (first === "!" && words.length > 1) return !one(call, words.slice(1));
  if (words.length === 0) return false;
  if (words.length === 1) return first !== "";
  if (words.length === 2 && /^-\w$/.test(first)) return unary(call, first, second);
  throw new CommandError(`${first}: unexpected operator`, 2);
}

function isBinary(operator: string): boolean {
  return /^(?:=|==|!=|<|>|-eq|-ne|-lt|-le|-gt|-ge|-nt|-ot|-ef)$/.test(operator);
}

function compare(call: Call, left: string, operator: string, right: string): boolean {
  const { files } = call.machine;
  const equals = call.name === "[[" ? matches(left, right) : left === right;
  if (operator === "=" || operator === "==") return equals;
  if (operator === "!=") return !equals;
  if (operator === "<") return left < right;
  if (operator === ">") return left > right;
  if (operator === "-nt") return files.stat(absolute(call, left)).mtime > files.stat(absolute(call, right)).mtime;
  if (operator === "-ot") return files.stat(absolute(call, left)).mtime < files.stat(absolute(call, right)).mtime;
  if (operator === "-ef") return files.resolve(absolute(call, left)) === files.resolve(absolute(call, right));
  const [a, b] = [left, right].map((text) => {
    if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new CommandError(`Illegal number: ${text}`, 2);
    return Number(text);
  }) as [number, number];
  return (
    { "-eq": a === b, "-ne": a !== b, "-lt": a < b, "-le": a <= b, "-gt": a > b, "-ge": a >= b }[operator] ?? false
  );
}

function matches(text: string, pattern: string): boolean {
  return new RegExp(`^${patternSource([{ text: pattern, quoted: false }])}$`).test(text);
}

function unary(call: Call, operator: string, operand: string): boolean {
  if (operator === "-n") return operand !== "";
  if (operator === "-z") return operand === "";
  if (operator === "-t") return false;
  const { files } = call.machine;
  const path = absolute(call, operand);
  if (operator === "-L" || operator === "-h") {
    const folder = posix.dirname(path);
    return (
      files.exists(folder) && files.list(folder).includes(posix.basename(path)) && files.lstat(path).kind === "link"
    );
  }
  if (!files.exists(path)) return false;
  const { kind, size, mode } = files.stat(path);
  switch (operator) {
    case "-e":
    case "-r":
    case "-w":
      return true;
    case "-d":
      return kind === "folder";
    case "-f":
      return kind === "file";
    case "-s":
      return size > 0;
    case "-x":
      return kind === "folder" || (mode & 0o111) !== 0;
    case "-b":
      return kind === "block";
    case "-c":
    case "-p":
    case "-S":
      return false;
    default:
      throw new CommandError(`${operator}: unexpected operator`, 2);
  }
}
