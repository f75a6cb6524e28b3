import { CommandError, type Call } from "../machine.ts";
import { readOptions } from "../options.ts";
import { absolute, readData } from "./paths.ts";
import { posixExpression } from "./regular-expression.ts";

interface Command {
  readonly from: Address | undefined;
  readonly to: Address | undefined;
  readonly inverted: boolean;
  readonly letter: string;
  readonly text: string;
  readonly pattern: RegExp | undefined;
  readonly flags: string;
}

type Address = number | "$" | RegExp;

/** `sed` with the commands that configuration is changed with: s, d, p, i, a, c and q. */
export async function sed(call: Call): Promise<number> {
  const { given, operands } = readOptions(splitInPlace(call.args), "nEre:I", [
    ...["in-place|I", "quiet|n", "regexp-extended|E", "expression=|e"],
  ]);
  const scripts = call.args.flatMap((arg, index) => (arg === "-e" ? [call.args[index + 1] ?? ""] : []));
  const [script = "", ...paths] = scripts.length > 0 ? [scripts.join("\n"), ...operands] : operands;
  const commands = parse(script, given.has("E") || given.has("r"));
  for (const path of paths.length === 0 ? ["-"] : paths) {
    const result = edit((await readData(call, path)).toString("utf8"), commands, given.has("n"));
    if (given.has("I")) call.machine.files.write(absolute(call, path), result);
    else call.out(result);
  }
  return 0;
}

/** `-i` may stand among other letters, and `-i.bak` keeps a copy. */
function splitInPlace(args: readonly string[]): string[] {
  return args.map((arg) => {
    if (/^-i.+/.test(arg) || arg.startsWith("--in-place=")) {
      throw new CommandError("the simulator does not keep copies for 'sed -i'", 2);
    }
    return /^-[nEr]*i$/.test(arg) ? arg.replace("i", "I") : arg;
  });
}

function parse(script: string, extended: boolean): Command[] {
  const commands: Command[] = [];
  let rest = script.replace(/^[\s;]+/, "");
  while (rest !== "") {
    const from = takeAddress(rest, extended);
    const comma = from.rest.startsWith(",");
    const to = comma ? takeAddress(from.rest.slice(1), extended) : { address: undefined, rest: from.rest };
    const [, bang = "", letter = "", tail = ""] = /^\s*(!?)\s*([sdpqiac])([^]*)$/.exec(to.rest) ?? [];
    if (letter === "") throw new CommandError(`the simulator does not know the expression '${rest}'`, 1);
    const range = { from: from.address, to: to.address, inverted: bang !== "", letter };
    if (letter === "s") {
      const substitution = takeSubstitution(tail, extended);
      commands.push({ ...range, ...substitution.command });
      ({ rest } = substitution);
    } else if ("iac".includes(letter)) {
      const [, text = "", after = ""] = /^\\?\s*([^\n]*)\n?([^]*)$/.exec(tail) ?? [];
      commands.push({ ...range, text: text.replaceAll("\\n", "\n"), pattern: undefined, flags: "" });
      rest = after;
    } else {
      commands.push({ ...range, text: "", pattern: undefined, flags: "" });
      rest = tail;
    }
    rest = rest.replace(/^[\s;]+/, "");
  }
  return commands;
}

function takeAddress(text: string, extended: boolean): { address: Address | undefined; rest: string } {
  const [number] = /^\d+/.exec(text) ?? [];
  if (number !== undefined) return { address: Number(number), rest: text.slice(number.length) };
  if (text.startsWith("$")) return { address: "$", rest: text.slice(1) };
  const custom = text.startsWith("\\") ? 1 : 0;
  if (!text.startsWith("/") && custom === 0) return { address: undefined, rest: text };
  const [pattern, rest] = takeDelimited(text.slice(custom + 1), text[custom] ?? "/");
  return { address: posixExpression(pattern, { extended }), rest };
}

function takeSubstitution(tail: string, extended: boolean) {
  const delimiter = tail[0] ?? "/";
  const [pattern, afterPattern] = takeDelimited(tail.slice(1), delimiter);
  const [text, afterText] = takeDelimited(afterPattern, delimiter);
  const [flags = ""] = /^[gpiI]*/.exec(afterText) ?? [];
  const options = { extended, global: flags.includes("g"), ignoreCase: /i/i.test(flags) };
  return { command: { text, pattern: posixExpression(pattern, options), flags }, rest: afterText.slice(flags.length) };
}

function takeDelimited(text: string, delimiter: string): [string, string] {
  for (let index = 0; index < text.length; index++) {
    if (text[index] === "\\") index++;
    else if (text[index] === delimiter) {
      return [
        text.slice(0, index).replaceAll(delimiter === "|" ? "\0" : `\\${delimiter}`, delimiter),
        text.slice(index + 1),
      ];
    }
  }
  throw new CommandError(`unterminated address regex or 's' command`, 1);
}

function edit(text: string, commands: readonly Command[], quiet: boolean): string {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const active = new Set<Command>();
  let result = "";
  for (const [index, original] of lines.entries()) {
    const ending = original.endsWith("\n") ? "\n" : "";
    const line = {
      text: ending === "" ? original : original.slice(0, -1),
      before: "",
      after: "",
      deleted: false,
      ended: false,
    };
    for (const command of commands) {
      if (!selects(command, active, line.text, index + 1, lines.length)) continue;
      apply(command, line);
      if (line.deleted || line.ended) break;
    }
    const kept = line.deleted || quiet ? "" : `${line.text}${ending === "" && line.after !== "" ? "\n" : ending}`;
    result += line.before + kept + line.after;
    if (line.ended) break;
  }
  return result;
}

interface Line {
  text: string;
  before: string;
  after: string;
  deleted: boolean;
  ended: boolean;
}

function apply({ letter, text, pattern, flags }: Command, line: Line): void {
  if (letter === "d" || letter === "c") line.deleted = true;
  if (letter === "c" || letter === "a") line.after += `${text}\n`;
  if (letter === "i") line.before += `${text}\n`;
  if (letter === "p") line.before += `${line.text}\n`;
  if (letter === "q") line.ended = true;
  if (letter !== "s" || pattern === undefined) return;
  const replaced = line.text.replace(pattern, (...match: unknown[]) => fill(text, match));
  if (replaced !== line.text && flags.includes("p")) line.before += `${replaced}\n`;
  line.text = replaced;
}

/** Puts `&` and `\1` into the replacement. */
function fill(text: string, match: readonly unknown[]): string {
  return text.replaceAll(/\\(\d)|\\n|\\(.)|&/g, (token, group: string | undefined, escaped: string | undefined) => {
    if (token === "&") return String(match[0]);
    if (token === "\\n") return "\n";
    if (group !== undefined) return typeof match[Number(group)] === "string" ? String(match[Number(group)]) : "";
    return escaped ?? "";
  });
}

function selects(command: Command, active: Set<Command>, text: string, number: number, last: number): boolean {
  const { from, to, inverted } = command;
  const matches = (address: Address) =>
    address === "$" ? number === last : typeof address === "number" ? number === address : address.test(text);
  let selected = true;
  if (from !== undefined && to === undefined) selected = matches(from);
  else if (from !== undefined && to !== undefined) {
    const inside = active.has(command);
    selected = inside || matches(from);
    if (inside ? matches(to) : typeof to === "number" && number >= to) active.delete(command);
    else if (selected) active.add(command);
  }
  return selected !== inverted;
}
