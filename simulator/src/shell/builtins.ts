import { posix } from "node:path";
import { echo } from "./programs/text-programs.ts";
import { unescape } from "./programs/unescape.ts";
import { findProgram } from "./dispatch.ts";
import { CommandError, type Call } from "./machine.ts";
import type { Descriptors } from "./redirect.ts";
import type { Shell } from "./shell.ts";
import { ExitSignal, LoopSignal, ReturnSignal } from "./signals.ts";

type Builtin = (call: Call, shell: Shell, io: Descriptors) => undefined | number | Promise<undefined | number>;

/** What a shell does itself, since it changes the shell. */
export const builtins: Readonly<Record<string, Builtin>> = {
  ":": () => 0,
  ".": source,
  source,
  alias: () => 0,
  break: ({ args }) => leaveLoop("break", args),
  cd: ({ args, machine, environment }, { state }) => {
    const [path = environment["HOME"] ?? "/root"] = args;
    const target = posix.resolve(state.folder, path === "-" ? (state.variables.get("OLDPWD") ?? ".") : path);
    const there = machine.files.exists(target) && machine.files.stat(target).kind === "folder";
    if (!there)
      throw state.dialect === "dash"
        ? new CommandError(`can't cd to ${path}`, 2)
        : new CommandError(`${path}: No such file or directory`);
    state.variables.set("OLDPWD", state.folder);
    state.folder = target;
    return 0;
  },
  command: (call, shell, io) => describeOrRun(call, shell, io),
  continue: ({ args }) => leaveLoop("continue", args),
  echo: ({ args, out }, { state }) => {
    if (state.dialect === "bash") return echo(args, out);
    const [first, ...rest] = args;
    const text = (first === "-n" ? rest : args).join(" ");
    // \c ends all output.
    const end = /^((?:[^\\]|\\[^c])*)\\c/.exec(text);
    out(end === null ? unescape(text) + (first === "-n" ? "" : "\n") : unescape(end[1] ?? ""));
    return 0;
  },
  eval: ({ args }, shell, io) => shell.source(args.join(" "), io),
  exec: async ({ args, run }) => {
    throw new ExitSignal(await run(args));
  },
  exit: ({ args }, { state }) => {
    throw new ExitSignal(Number(args[0] ?? state.status) & 255);
  },
  export: ({ args }, { state }) =>
    declare(args, (name, value) => {
      state.export(name, value);
    }),
  hash: () => 0,
  local: ({ args }, { state }) =>
    declare(args, (name, value = "") => {
      const locals = state.locals.at(-1);
      if (locals === undefined) throw new CommandError("not in a function", 2);
      if (!locals.has(name)) locals.set(name, state.variables.get(name));
      state.variables.set(name, value);
    }),
  pwd: ({ out, folder }) => {
    out(`${folder}\n`);
    return 0;
  },
  read,
  readonly: ({ args }, { state }) =>
    declare(args, (name, value) => {
      if (value !== undefined) state.variables.set(name, value);
    }),
  return: ({ args }, { state }) => {
    throw new ReturnSignal(Number(args[0] ?? state.status) & 255);
  },
  set: ({ args }, { state }) => {
    const flags = [...args];
    while (flags.length > 0 && /^[-+]./.test(flags[0] ?? "") && flags[0] !== "--") {
      const [letters = ""] = flags.splice(0, 1);
      for (const letter of letters.slice(1)) {
        const flag = letter === "o" ? (optionNames[flags[0] ?? ""] ?? flags[0] ?? "") : letter;
        if (letter === "o") flags.splice(0, 1);
        if (letters.startsWith("-")) state.flags.add(flag);
        else state.flags.delete(flag);
      }
    }
    if (flags[0] === "--") state.args = flags.slice(1);
    else if (flags.length > 0) state.args = flags;
    return 0;
  },
  shift: ({ args }, { state }) => {
    const count = Number(args[0] ?? 1);
    if (count > state.args.length) throw new CommandError("can't shift that many", 2);
    state.args = state.args.slice(count);
    return 0;
  },
  trap: ({ args }, { state }) => {
    const [action = "", ...signals] = args;
    if (signals.includes("EXIT") || signals.includes("0")) state.exitTrap = action === "-" ? undefined : action;
    return 0;
  },
  type: (call, shell, io) => describeOrRun({ ...call, args: ["-V", ...call.args] }, shell, io),
  times: ({ out }) => {
    out("0m0.000000s 0m0.000000s\n0m0.000000s 0m0.000000s\n");
    return 0;
  },
  umask: ({ args, out }, { state }) => {
    const [mask] = args.filter((arg) => arg !== "-S");
    if (mask === undefined) out(`${state.umask.toString(8).padStart(4, "0")}\n`);
    else if (/^[0-7]+$/.test(mask)) state.umask = Number.parseInt(mask, 8);
    else throw new CommandError(`Illegal mode: ${mask}`, 2);
    return 0;
  },
  unset: ({ args }, { state }) => {
    for (const name of args.filter((arg) => !arg.startsWith("-"))) {
      state.variables.delete(name);
      state.functions.delete(name);
    }
    return 0;
  },
  // Nothing runs in the background.
  wait: () => 0,
};

const optionNames: Readonly<Record<string, string>> = { errexit: "e", nounset: "u", xtrace: "x", noglob: "f" };

function source({ args, machine, folder, err }: Call, shell: Shell, io: Descriptors): Promise<number> {
  const [path = ""] = args;
  if (shell.state.dialect === "dash" && !machine.files.exists(posix.resolve(folder, path))) {
    err(`${shell.state.name}: 1: .: cannot open ${path}: No such file\n`);
    throw new ExitSignal(2);
  }
  return shell.source(machine.files.read(posix.resolve(folder, path)).toString("utf8"), io);
}

function leaveLoop(kind: "break" | "continue", [levels = "1"]: readonly string[]): never {
  throw new LoopSignal(kind, Number(levels));
}

function declare(args: readonly string[], set: (name: string, value?: string) => void): number {
  for (const arg of args.filter((candidate) => !candidate.startsWith("-"))) {
    const equals = arg.indexOf("=");
    if (equals < 0) set(arg);
    else set(arg.slice(0, equals), arg.slice(equals + 1));
  }
  return 0;
}

async function read({ args, input }: Call, { state }: Shell): Promise<number> {
  const names = args.filter((arg) => !arg.startsWith("-"));
  const line = await input.readLine();
  const raw = args.some((arg) => /^-\w*r/.test(arg));
  const text = (line ?? "").replace(/\n$/, "");
  const fields = splitLine(
    raw ? text : text.replaceAll(/\\(.)/g, "$1"),
    Math.max(names.length, 1),
    state.lookUp("IFS"),
  );
  for (const [index, name] of (names.length === 0 ? ["REPLY"] : names).entries())
    state.variables.set(name, fields[index] ?? "");
  return line?.endsWith("\n") ? 0 : 1;
}

/** Splits a line into so many fields; the last one has all the rest, without the blanks around it. */
function splitLine(line: string, count: number, separators = " \t\n"): string[] {
  const set = (characters: string) => (characters === "" ? "(?!)" : `[${characters.replaceAll(/[\]\\^-]/g, "\\$&")}]`);
  const blanks = set(separators.replaceAll(/\S/g, ""));
  const end = new RegExp(`${blanks}*${set(separators.replaceAll(/\s/g, ""))}${blanks}*|${blanks}+`);
  const fields: string[] = [];
  let rest = line.replace(new RegExp(`^${blanks}+`), "").replace(new RegExp(`${blanks}+$`), "");
  while (fields.length < count - 1 && rest !== "") {
    const found = end.exec(rest);
    fields.push(found === null ? rest : rest.slice(0, found.index));
    rest = found === null ? "" : rest.slice(found.index + found[0].length);
  }
  // A separator at the very end ends the last field, too.
  const last = new RegExp(`^((?:(?!${end.source})[^])*)(?:${end.source})$`).exec(rest);
  return [...fields, last?.[1] ?? rest];
}

function describeOrRun({ args, run, out }: Call, shell: Shell, io: Descriptors): number | Promise<number> {
  const [option, ...names] = args;
  if (option !== "-v" && option !== "-V") {
    return run(args, { input: io.input });
  }
  let status = 0;
  for (const name of names) {
    const known = shell.state.functions.has(name) || Object.hasOwn(builtins, name) ? name : findProgram(shell, name);
    if (known === undefined) status = option === "-v" ? 127 : 1;
    else out(option === "-v" ? `${known}\n` : `${name} is ${known}\n`);
  }
  return status;
}
