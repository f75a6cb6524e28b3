import { CommandError } from "./machine.ts";

/** What a command was called with. */
export interface ReadOptions {
  /** Options that were given, by letter or name: with their value, or with an empty one. */
  readonly given: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
}

/**
 * Reads options as getopt does.
 * @param letters as of getopts: `ab:` is `-a` and `-b VALUE`
 * @param names long options, those with a value end in `=`; `recursive|r` is another name for a letter
 * @throws {CommandError} for what the simulator does not know
 */
export function readOptions(args: readonly string[], letters: string, names: readonly string[] = []): ReadOptions {
  const given = new Map<string, string>();
  const operands: string[] = [];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--") {
      operands.push(...rest);
      break;
    }
    if (arg.startsWith("--")) readName(arg, rest, names, given);
    else if (arg.startsWith("-") && arg !== "-") readLetters(arg, rest, letters, given);
    else operands.push(arg);
  }
  return { given, operands };
}

function readName(arg: string, rest: string[], names: readonly string[], given: Map<string, string>): void {
  const [, name = "", value] = /^--([^=]+)(?:=([^]*))?$/.exec(arg) ?? [];
  const known = names.find((candidate) => candidate.replace(/=?(\|.*)?$/, "") === name);
  if (known === undefined) throw unknownOption(arg);
  const key = known.split("|")[1] ?? name;
  given.set(key, known.includes("=") ? (value ?? rest.shift() ?? "") : "");
}

function readLetters(arg: string, rest: string[], letters: string, given: Map<string, string>): void {
  for (let index = 1; index < arg.length; index++) {
    const letter = arg[index] ?? "";
    const place = letters.indexOf(letter);
    if (place < 0 || letter === ":") throw unknownOption(`-${letter}`);
    if (letters[place + 1] !== ":") given.set(letter, "");
    else {
      given.set(letter, arg.slice(index + 1) || (rest.shift() ?? ""));
      return;
    }
  }
}

function unknownOption(option: string): CommandError {
  return new CommandError(`the simulator does not know the option '${option}' of this command`, 2);
}
