import { parseList, peekWord, skipLines, unexpected, type Reader } from "./parse.ts";
import { parseQuotedText, parseWord } from "./parse-word.ts";
import type { Assignment, Body, Branch, Case, Command, Redirection, Script, Word } from "./syntax.ts";

const operators = ["<<<", "<<-", "<<", "<&", "<", "&>>", "&>", ">>", ">&", ">|", ">"] as const;

/** Reads one command of a pipeline with its redirections. */
export function parseCommand(reader: Reader): Command {
  const { scanner } = reader;
  scanner.skipBlanks();
  const compound = parseCompound(reader);
  if (compound === undefined) return parseSimple(reader);
  const redirections: Redirection[] = [];
  while (parseRedirection(reader, redirections)) continue;
  return { body: compound, redirections };
}

function parseCompound(reader: Reader): Body | undefined {
  const { scanner } = reader;
  if (scanner.take("(")) return { kind: "subshell", script: closed(reader, ")") };
  switch (peekWord(scanner)) {
    case "{":
      scanner.next();
      return { kind: "group", script: closed(reader, "}") };
    case "if":
      return parseIf(reader);
    case "while":
    case "until":
      return parseLoop(reader);
    case "for":
      return parseFor(reader);
    case "case":
      return parseCase(reader);
    default:
      return parseFunction(reader);
  }
}

function parseFunction(reader: Reader): Body | undefined {
  const { scanner } = reader;
  const start = scanner.match(/(?:function[ \t]+([\w-]+)(?:[ \t]*\([ \t]*\))?|[\w-]+[ \t]*\([ \t]*\))/y);
  if (start === undefined) return undefined;
  skipLines(reader);
  const name = start.replace(/^function[ \t]+/, "").replace(/[ \t]*\(.*$/, "");
  return { kind: "function", name, command: parseCommand(reader) };
}

function parseIf(reader: Reader): Body {
  const branches: Branch[] = [];
  let word = "if";
  for (;;) {
    expectWord(reader, word);
    const condition = parseList(reader);
    expectWord(reader, "then");
    branches.push({ condition, script: parseList(reader) });
    word = peekWord(reader.scanner);
    if (word !== "elif") break;
  }
  let otherwise: Script | undefined;
  if (word === "else") {
    expectWord(reader, "else");
    otherwise = parseList(reader);
  }
  expectWord(reader, "fi");
  return { kind: "if", branches, otherwise };
}

function parseLoop(reader: Reader): Body {
  const word = peekWord(reader.scanner);
  expectWord(reader, word);
  const condition = parseList(reader);
  return { kind: "loop", until: word === "until", condition, script: parseDo(reader) };
}

function parseFor(reader: Reader): Body {
  const { scanner } = reader;
  expectWord(reader, "for");
  scanner.skipBlanks();
  const name = scanner.match(/[A-Za-z_]\w*/y);
  if (name === undefined) throw scanner.problem("Bad for loop variable");
  skipLines(reader);
  let words: Word[] | undefined;
  if (peekWord(scanner) === "in") {
    expectWord(reader, "in");
    words = parseWords(reader);
  }
  scanner.skipBlanks();
  scanner.take(";");
  return { kind: "for", name, words, script: parseDo(reader) };
}

function parseCase(reader: Reader): Body {
  const { scanner } = reader;
  expectWord(reader, "case");
  scanner.skipBlanks();
  const word = parseWord(scanner);
  if (word === undefined) throw unexpected(reader);
  expectWord(reader, "in");
  const cases: Case[] = [];
  for (;;) {
    skipLines(reader);
    if (peekWord(scanner) === "esac") break;
    scanner.take("(");
    const patterns: Word[] = [];
    do {
      scanner.skipBlanks();
      patterns.push(parseWord(scanner) ?? []);
      scanner.skipBlanks();
    } while (scanner.take("|"));
    if (!scanner.take(")")) throw unexpected(reader);
    cases.push({ patterns, script: parseList(reader) });
    if (!scanner.take(";;") && peekWord(scanner) !== "esac") throw unexpected(reader);
  }
  expectWord(reader, "esac");
  return { kind: "case", word, cases };
}

function parseSimple(reader: Reader): Command {
  const { scanner } = reader;
  const [assignments, words, redirections]: [Assignment[], Word[], Redirection[]] = [[], [], []];
  const { line } = scanner;
  for (;;) {
    scanner.skipBlanks();
    if (parseRedirection(reader, redirections)) continue;
    const name = words.length === 0 ? scanner.match(/[A-Za-z_]\w*\+?=/y) : undefined;
    const word = parseWord(scanner);
    if (name !== undefined) {
      const append = name.endsWith("+=");
      assignments.push({ name: name.slice(0, append ? -2 : -1), append, value: word ?? [] });
    } else if (word === undefined) break;
    else words.push(word);
  }
  if (assignments.length + words.length + redirections.length === 0) throw unexpected(reader);
  return { body: { kind: "simple", line, assignments, words }, redirections };
}

/** Reads a redirection where one comes next. */
function parseRedirection(reader: Reader, redirections: Redirection[]): boolean {
  const { scanner } = reader;
  scanner.skipBlanks();
  const number = scanner.match(/\d+(?=[<>])/y);
  const operator = operators.find((candidate) => scanner.take(candidate));
  if (operator === undefined) return false;
  scanner.skipBlanks();
  const start = scanner.position;
  const target = parseWord(scanner);
  if (target === undefined) throw unexpected(reader);
  const descriptor = number === undefined ? (operator.startsWith("<") ? 0 : 1) : Number(number);
  if (operator !== "<<" && operator !== "<<-") {
    redirections.push({ descriptor, operator: operator === ">|" ? ">" : operator, target });
    return true;
  }
  const raw = scanner.text.slice(start, scanner.position);
  const index = redirections.push({ descriptor, operator: "<<", target: [] }) - 1;
  reader.pending.push({
    end: raw.replaceAll(/["'\\]/g, ""),
    stripTabs: operator === "<<-",
    accept: (text) => {
      const literal = /["'\\]/.test(raw);
      const word: Word = literal ? [{ kind: "text", text, quoted: true }] : parseQuotedText(text);
      redirections[index] = { descriptor, operator: "<<", target: word };
    },
  });
  return true;
}

function parseWords({ scanner }: Reader): Word[] {
  const words: Word[] = [];
  for (;;) {
    scanner.skipBlanks();
    const word = parseWord(scanner);
    if (word === undefined) return words;
    words.push(word);
  }
}

function parseDo(reader: Reader): Script {
  expectWord(reader, "do");
  const script = parseList(reader);
  expectWord(reader, "done");
  return script;
}

function closed(reader: Reader, end: string): Script {
  const script = parseList(reader);
  if (!reader.scanner.take(end)) throw unexpected(reader);
  return script;
}

function expectWord(reader: Reader, word: string): void {
  skipLines(reader);
  if (peekWord(reader.scanner) !== word) throw unexpected(reader);
  reader.scanner.take(word);
}
