/** A script: commands one after the other. */
export interface Script {
  readonly items: readonly { readonly chain: Chain; readonly background: boolean }[];
}

/** Pipelines with `&&` and `||` between them. */
export interface Chain {
  readonly first: Pipeline;
  readonly rest: readonly { readonly when: "&&" | "||"; readonly pipeline: Pipeline }[];
}

/** Commands with `|` between them. */
export interface Pipeline {
  readonly negated: boolean;
  readonly commands: readonly Command[];
}

/** One command with its redirections. */
export interface Command {
  readonly body: Body;
  readonly redirections: readonly Redirection[];
}

/** What a command is. */
export type Body =
  | {
      readonly kind: "simple";
      readonly line: number;
      readonly assignments: readonly Assignment[];
      readonly words: readonly Word[];
    }
  | { readonly kind: "group" | "subshell"; readonly script: Script }
  | { readonly kind: "if"; readonly branches: readonly Branch[]; readonly otherwise: Script | undefined }
  | { readonly kind: "loop"; readonly until: boolean; readonly condition: Script; readonly script: Script }
  | {
      readonly kind: "for";
      readonly name: string;
      readonly words: readonly Word[] | undefined;
      readonly script: Script;
    }
  | { readonly kind: "case"; readonly word: Word; readonly cases: readonly Case[] }
  | { readonly kind: "function"; readonly name: string; readonly command: Command };

/** `if` or `elif` and what follows its `then`. */
export interface Branch {
  readonly condition: Script;
  readonly script: Script;
}

/** One branch of `case`. */
export interface Case {
  readonly patterns: readonly Word[];
  readonly script: Script;
}

/** `NAME=value` */
export interface Assignment {
  readonly name: string;
  readonly append: boolean;
  readonly value: Word;
}

/** `2> file`, `2>&1`, `<<END` … */
export interface Redirection {
  readonly descriptor: number;
  readonly operator: "<" | ">" | ">>" | ">&" | "<&" | "<<" | "<<<" | "&>" | "&>>";
  readonly target: Word;
}

/** A word before it is expanded. */
export type Word = readonly Part[];

/** A piece of a word. */
export type Part =
  | { readonly kind: "text"; readonly text: string; readonly quoted: boolean }
  | { readonly kind: "parameter"; readonly quoted: boolean; readonly name: string; readonly change?: ParameterChange }
  | { readonly kind: "command"; readonly quoted: boolean; readonly script: Script }
  | { readonly kind: "arithmetic"; readonly quoted: boolean; readonly expression: Word };

/** What is behind the name in `${name:-word}`; `length` is `${#name}`. */
export interface ParameterChange {
  readonly operator:
    "length" | ":-" | "-" | ":=" | "=" | ":+" | "+" | ":?" | "?" | "%" | "%%" | "#" | "##" | "/" | "//";
  readonly word: Word;
  /** Of `/` and `//`. */
  readonly replacement?: Word;
}

/** What the shell can't read. */
export class SyntaxProblem extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}
