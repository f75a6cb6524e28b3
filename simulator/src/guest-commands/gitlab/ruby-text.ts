/** One statement of gitlab.rb, on however many lines. */
export interface Statement {
  /** Counted from 1. */
  readonly line: number;
  /** Without comments. */
  readonly text: string;
}

/** What Ruby's parser refuses. */
export class RubySyntaxError extends Error {
  override readonly name = "RubySyntaxError";
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/**
 * Takes a file of settings apart: strings, comments and brackets; no other syntax of Ruby is looked at.
 * @throws {RubySyntaxError} for a string or bracket that does not end
 */
export function readStatements(source: string): Statement[] {
  const statements: Statement[] = [];
  const open: { readonly bracket: string; readonly line: number }[] = [];
  let [text, start, line] = ["", 1, 1];
  const end = () => {
    if (text.trim() !== "") statements.push({ line: start, text: text.trim() });
    text = "";
  };
  for (let at = 0; at < source.length; at++) {
    const character = source[at] ?? "";
    if (text.trim() === "") start = line;
    if (character === "\n") {
      // What ends with an operator or a comma goes on.
      if (open.length === 0 && !/[=,\\]\s*$/.test(text)) end();
      else text += " ";
      line++;
    } else if (character === "#") {
      while (at + 1 < source.length && source[at + 1] !== "\n") at++;
    } else if (character === "'" || character === '"') {
      const string = readString(source, at, line);
      text += string;
      at += string.length - 1;
      line += string.split("\n").length - 1;
    } else {
      if (Object.hasOwn(closing, character)) open.push({ bracket: character, line });
      if (/[)\]}]/.test(character)) {
        const last = open.pop();
        if (last === undefined || closing[last.bracket] !== character)
          throw new RubySyntaxError(line, `unexpected '${character}'`);
      }
      text += character;
    }
  }
  const [left] = open.slice(-1);
  if (left !== undefined) throw new RubySyntaxError(left.line, `expected a matching '${closing[left.bracket] ?? ""}'`);
  if (/=\s*$/.test(text)) throw new RubySyntaxError(start, "unexpected end of file; expected a value after '='");
  end();
  return statements;
}

function readString(source: string, from: number, line: number): string {
  const quote = source[from];
  for (let at = from + 1; at < source.length; at++) {
    if (source[at] === "\\") at++;
    else if (source[at] === quote) return source.slice(from, at + 1);
  }
  throw new RubySyntaxError(line, "unterminated string meets end of file");
}
