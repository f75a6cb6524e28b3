import { calculate } from "./arithmetic.ts";
import { expandBraces } from "./braces.ts";
import { ExpansionError } from "./machine.ts";
import { changeParameter } from "./change-parameter.ts";
import { findPaths, isPattern, type Piece } from "./pattern.ts";
import type { FileSystem } from "../files/file-system.ts";
import type { ShellState } from "./shell-state.ts";
import type { Part, Script, Word } from "./syntax.ts";

/** What an expansion needs. */
export interface ExpandContext {
  readonly state: ShellState;
  readonly files: FileSystem;
  /** The output of `$(…)`. */
  readonly substitute: (script: Script) => Promise<string>;
}

/** Expands the words of a command: each may become none, one or several. */
export async function expandWords(context: ExpandContext, words: readonly Word[]): Promise<string[]> {
  const expanded: string[] = [];
  for (const word of words.flatMap(expandBraces)) {
    for (const field of await expandFields(context, word)) expanded.push(...expandPath(context, field));
  }
  return expanded;
}

/** Expands a word that stays one, as the value of an assignment does. */
export async function expandText(context: ExpandContext, word: Word): Promise<string> {
  return (await expandPieces(context, word)).map(({ text }) => text).join("");
}

/** Expands a word that stays one, and keeps what is quoted in it: a pattern. */
export async function expandPieces(context: ExpandContext, word: Word): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for (const part of withHome(context, word)) pieces.push({ text: await valueOf(context, part), quoted: part.quoted });
  return pieces;
}

async function expandFields(context: ExpandContext, word: Word): Promise<Piece[][]> {
  const fields: Piece[][] = [];
  let current: Piece[] | undefined;
  const add = (piece: Piece) => (current ??= []).push(piece);
  const end = () => {
    if (current !== undefined) fields.push(current);
    current = undefined;
  };
  for (const part of withHome(context, word)) {
    if (part.kind === "parameter" && part.name === "@" && part.change === undefined) {
      for (const [index, text] of context.state.args.entries()) {
        if (index > 0) end();
        add({ text, quoted: part.quoted });
      }
      continue;
    }
    const text = await valueOf(context, part);
    if (part.kind === "text" || part.quoted) add({ text, quoted: part.quoted });
    else splitFields(context.state.lookUp("IFS") ?? " \t\n", text, add, end);
  }
  end();
  return fields;
}

function splitFields(separators: string, text: string, add: (piece: Piece) => void, end: () => void): void {
  let field = "";
  for (const character of text) {
    if (!separators.includes(character)) field += character;
    else {
      if (field !== "" || character.trim() !== "") add({ text: field, quoted: false });
      field = "";
      end();
    }
  }
  if (field !== "") add({ text: field, quoted: false });
}

function expandPath({ state, files }: ExpandContext, pieces: readonly Piece[]): string[] {
  const found = isPattern(pieces) && !state.flags.has("f") ? findPaths(files, state.folder, pieces) : [];
  return found.length > 0 ? found : [pieces.map(({ text }) => text).join("")];
}

/** `~` at a word's beginning. */
function withHome({ state }: ExpandContext, word: Word): Word {
  const [first, second, ...rest] = word;
  if (first?.kind !== "text" || first.quoted || first.text !== "~") return word;
  if (second !== undefined && !(second.kind === "text" && !second.quoted && second.text === "/")) return word;
  const home: Part = { kind: "text", text: state.lookUp("HOME") ?? "/root", quoted: true };
  return [home, ...(second === undefined ? [] : [second]), ...rest];
}

async function valueOf(context: ExpandContext, part: Part): Promise<string> {
  const { state } = context;
  switch (part.kind) {
    case "text":
      return part.text;
    case "command":
      return (await context.substitute(part.script)).replace(/\n+$/, "");
    case "arithmetic":
      return String(
        calculate(await expandText(context, part.expression), {
          get: (name) => state.lookUp(name) ?? "0",
          set: (name, value) => state.variables.set(name, value),
        }),
      );
    case "parameter": {
      const value = state.lookUp(part.name);
      if (part.change !== undefined) return changeParameter(context, part.name, value, part.change);
      if (value === undefined && state.flags.has("u") && !"@*".includes(part.name)) {
        throw state.dialect === "dash"
          ? new ExpansionError(`${part.name}: parameter not set`, 2)
          : new ExpansionError(`${part.name}: unbound variable`, 1);
      }
      return value ?? "";
    }
  }
}
