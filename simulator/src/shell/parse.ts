import { parseCommand } from "./parse-command.ts";
import { Scanner } from "./scanner.ts";
import type { Chain, Pipeline, Redirection, Script } from "./syntax.ts";

/** Words that mean something where a command could begin, and end what is before them. */
const closing = new Set(["then", "elif", "else", "fi", "do", "done", "esac", "}"]);

/** A here-document whose text begins after the line's end. */
export interface Pending {
  readonly end: string;
  readonly stripTabs: boolean;
  readonly accept: (text: string) => void;
}

/** A script that is being read. */
export interface Reader {
  readonly scanner: Scanner;
  readonly pending: Pending[];
}

/**
 * Reads a script of the POSIX shell, with what is most used of bash.
 * @throws {SyntaxProblem}
 */
export function parseScript(text: string): Script {
  const reader = { scanner: new Scanner(text), pending: [] };
  const script = parseList(reader);
  if (!reader.scanner.ended) throw unexpected(reader);
  return script;
}

/** Reads the script of `$(…)`, and its closing parenthesis. */
export function parseSubstitution(scanner: Scanner): Script {
  const reader = { scanner, pending: [] };
  const script = parseList(reader);
  if (!scanner.take(")")) throw unexpected(reader);
  return script;
}

/** Reads commands until what closes them, which is left there. */
export function parseList(reader: Reader): Script {
  const { scanner } = reader;
  const items: { chain: Chain; background: boolean }[] = [];
  for (;;) {
    skipLines(reader);
    if (scanner.ended || scanner.peek() === ")" || scanner.at(";;") || closing.has(peekWord(scanner))) break;
    const chain = parseChain(reader);
    scanner.skipBlanks();
    const background = scanner.peek() === "&" && scanner.take("&");
    items.push({ chain, background });
    if (background || (!scanner.at(";;") && scanner.take(";"))) continue;
    if (scanner.peek() !== "\n") break;
  }
  return { items };
}

/** Skips blank lines, and takes the here-documents that begin at a line's end. */
export function skipLines(reader: Reader): void {
  const { scanner } = reader;
  scanner.skipBlanks();
  while (scanner.take("\n")) {
    takeDocuments(reader);
    scanner.skipBlanks();
  }
}

/** The plain word that comes next, without taking it. */
export function peekWord(scanner: Scanner): string {
  const start = scanner.position;
  const word = scanner.match(/(?:[a-z]+|[{}!])(?=[\s;&|()<>]|$)/y) ?? "";
  scanner.position = start;
  return word;
}

/** Refuses what comes next. */
export function unexpected({ scanner }: Reader): Error {
  const found = scanner.ended
    ? "end of file"
    : scanner.peek() === "\n"
      ? "newline"
      : `"${peekWord(scanner) || scanner.peek()}"`;
  return scanner.problem(`${found} unexpected`);
}

function parseChain(reader: Reader): Chain {
  const { scanner } = reader;
  const first = parsePipeline(reader);
  const rest: { when: "&&" | "||"; pipeline: Pipeline }[] = [];
  for (;;) {
    scanner.skipBlanks();
    const when = (["&&", "||"] as const).find((operator) => scanner.take(operator));
    if (when === undefined) return { first, rest };
    skipLines(reader);
    rest.push({ when, pipeline: parsePipeline(reader) });
  }
}

function parsePipeline(reader: Reader): Pipeline {
  const { scanner } = reader;
  scanner.skipBlanks();
  let negated = false;
  while (peekWord(scanner) === "!") {
    scanner.next();
    scanner.skipBlanks();
    negated = !negated;
  }
  const commands = [parseCommand(reader)];
  for (;;) {
    scanner.skipBlanks();
    if (scanner.at("||") || !scanner.take("|")) return { negated, commands };
    if (scanner.take("&")) merge(commands);
    skipLines(reader);
    commands.push(parseCommand(reader));
  }
}

/** `|&` takes the errors along. */
function merge(commands: ReturnType<typeof parseCommand>[]): void {
  const last = commands.pop();
  if (last === undefined) return;
  const errors: Redirection = { descriptor: 2, operator: ">&", target: [{ kind: "text", text: "1", quoted: false }] };
  commands.push({ ...last, redirections: [...last.redirections, errors] });
}

function takeDocuments({ scanner, pending }: Reader): void {
  for (const { end, stripTabs, accept } of pending.splice(0)) {
    let text = "";
    for (;;) {
      if (scanner.ended) break;
      const line = scanner.match(/[^\n]*/y) ?? "";
      scanner.take("\n");
      const stripped = stripTabs ? line.replace(/^\t+/, "") : line;
      if (stripped === end) break;
      text += `${stripped}\n`;
    }
    accept(text);
  }
}
