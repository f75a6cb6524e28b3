import { FileError } from "../../files/file-error.ts";
import { CommandError, type Call } from "../machine.ts";
import { readOptions } from "../options.ts";
import { absolute, linesOf, readData } from "./paths.ts";
import { posixExpression } from "./regular-expression.ts";

const names = [
  ...["quiet|q", "silent|q", "ignore-case|i", "invert-match|v", "count|c", "extended-regexp|E", "fixed-strings|F"],
  ...["line-regexp|x", "word-regexp|w", "files-with-matches|l", "no-messages|s", "only-matching|o", "recursive|r"],
  ...["line-number|n", "regexp=|e", "perl-regexp|P"],
];

/** `grep` */
export async function grep(call: Call): Promise<number> {
  const { given, operands } = readOptions(call.args, "EFPce:hilnoqrRsvwxH", names);
  const [pattern, ...paths] = given.has("e") ? [given.get("e") ?? "", ...operands] : operands;
  if (pattern === undefined) throw new CommandError("missing pattern", 2);
  const expression = expressionOf(pattern, given);
  const recursive = given.has("r") || given.has("R");
  const files = paths.length === 0 ? ["-"] : recursive ? paths.flatMap((path) => filesBelow(call, path)) : paths;
  let [found, failed] = [false, false];
  for (const path of files) {
    let lines: string[];
    try {
      lines = linesOf(await readData(call, path));
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      if (!given.has("s")) call.err(`grep: ${path}: ${error.message}\n`);
      failed = true;
      continue;
    }
    const named = (files.length > 1 || recursive || given.has("H")) && !given.has("h") ? `${path}:` : "";
    if (search(call, expression, { lines, path, named, given })) found = true;
    if (found && given.has("q")) return 0;
  }
  return failed ? 2 : found ? 0 : 1;
}

interface Search {
  readonly lines: readonly string[];
  readonly path: string;
  readonly named: string;
  readonly given: ReadonlyMap<string, string>;
}

function search(call: Call, expression: RegExp, { lines, path, named, given }: Search): boolean {
  const hits = lines.flatMap((line, index) =>
    expression.test(line) !== given.has("v") ? [{ line, number: index + 1 }] : [],
  );
  if (given.has("q")) return hits.length > 0;
  if (given.has("l")) call.out(hits.length > 0 ? `${path}\n` : "");
  else if (given.has("c")) call.out(`${named}${hits.length}\n`);
  else {
    for (const { line, number } of hits) {
      const texts = given.has("o")
        ? (line.match(new RegExp(expression, "g")) ?? []).filter((text) => text !== "")
        : [line];
      for (const text of texts) call.out(`${named}${given.has("n") ? `${number}:` : ""}${text}\n`);
    }
  }
  return hits.length > 0;
}

function expressionOf(pattern: string, given: ReadonlyMap<string, string>): RegExp {
  const options = { extended: given.has("E") || given.has("P") || given.has("F"), ignoreCase: given.has("i") };
  const literal = given.has("F") ? pattern.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&") : pattern;
  const { source, flags } = posixExpression(literal, options);
  if (given.has("x")) return new RegExp(`^(?:${source})$`, flags);
  return given.has("w") ? new RegExp(`\\b(?:${source})\\b`, flags) : new RegExp(source, flags);
}

function filesBelow(call: Call, path: string): string[] {
  const { files } = call.machine;
  const { kind } = files.stat(absolute(call, path));
  if (kind !== "folder") return [path];
  return files.list(absolute(call, path)).flatMap((name) => filesBelow(call, `${path.replace(/\/$/, "")}/${name}`));
}
