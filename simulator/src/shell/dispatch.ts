import { posix } from "node:path";
import { ApiError } from "../api-error.ts";
import { FileError } from "../files/file-error.ts";
import { builtins } from "./builtins.ts";
import { CommandError, ExpansionError, PlainError, type Call, type CallChange, type ShellOptions } from "./machine.ts";
import type { Descriptors } from "./redirect.ts";
import { Shell } from "./shell.ts";
import { ShellState } from "./shell-state.ts";
import { Killed, ReturnSignal } from "./signals.ts";
import { readStandIn, type StandIn } from "./stand-in.ts";

/** How a command is called. */
export interface Dispatch {
  readonly io: Descriptors;
  readonly line: number;
  /** Variables for this command alone. */
  readonly assigned?: readonly (readonly [string, string])[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
}

const programFolders = ["/bin", "/sbin", "/usr/bin", "/usr/sbin"];

/** Finds out what a command is, and runs it: a function, a builtin, a program or a script. */
export async function dispatch(shell: Shell, words: readonly string[], how: Dispatch): Promise<number> {
  const [word = "", ...args] = words;
  const { state } = shell;
  const restore = assign(state, how.assigned ?? []);
  try {
    const command = state.functions.get(word);
    if (command !== undefined) return await callFunction(shell, command, args, how.io);
    const call = makeCall(shell, word, args, how);
    const builtin = builtins[word];
    if (builtin !== undefined) return (await builtin(call, shell, how.io)) ?? 0;
    return await runProgram(shell, word, call);
  } catch (error) {
    if (error instanceof ExpansionError) throw error;
    return explain(error, word, how);
  } finally {
    restore();
  }
}

/** Where a program is; undefined where nobody knows it. */
export function findProgram({ machine, state }: Shell, word: string): string | undefined {
  if (word.includes("/")) {
    const path = posix.resolve(state.folder, word);
    if (machine.files.exists(path)) return path;
    if (Object.hasOwn(machine.programs, path)) return path;
    const known = programFolders.includes(posix.dirname(path)) && machine.programs[posix.basename(path)] !== undefined;
    return known ? path : undefined;
  }
  const script = ["/usr/local/sbin", "/usr/local/bin", ...programFolders]
    .map((folder) => `${folder}/${word}`)
    .find((path) => machine.files.exists(path));
  return script ?? (Object.hasOwn(machine.programs, word) ? `/usr/bin/${word}` : undefined);
}

async function runProgram(shell: Shell, word: string, call: Call): Promise<number> {
  const { machine } = shell;
  const path = findProgram(shell, word);
  if (path === undefined) {
    const missing = word.includes("/") && !programFolders.includes(posix.dirname(word));
    throw new CommandError(missing ? "not found" : "the simulator does not know this command", 127);
  }
  if (machine.files.exists(path)) return runFile(shell, path, call);
  return (
    (await unlessAborted(
      shell.aborted,
      Promise.resolve((machine.programs[path] ?? machine.programs[call.name])?.(call)),
    )) ?? 0
  );
}

/** A signal does not wait for what runs. */
async function unlessAborted<T>(aborted: AbortSignal, work: Promise<T>): Promise<T> {
  let end: () => void = () => undefined;
  const killed = new Promise<never>((_resolve, reject) => {
    end = () => {
      reject(new Killed());
    };
    aborted.addEventListener("abort", end);
  });
  try {
    return await Promise.race([work, killed]);
  } finally {
    aborted.removeEventListener("abort", end);
  }
}

async function runFile({ machine }: Shell, path: string, call: Call): Promise<number> {
  const { kind, mode } = machine.files.stat(path);
  if (kind === "folder" || (mode & 0o111) === 0) throw new CommandError("Permission denied", 126);
  const text = machine.files.read(path).toString("utf8");
  const standIn = readStandIn(text);
  if (standIn !== undefined) return runStandIn(standIn, call);
  const interpreter = /^#!\s*(?:\/usr\/bin\/env\s+)?(\S+)(?:\s+-(\w+))?/.exec(text);
  const program = posix.basename(interpreter?.[1] ?? "sh");
  if (program !== "sh" && program !== "bash" && program !== "dash") {
    throw new CommandError(`the simulator does not run scripts of ${program}`, 126);
  }
  const dialect = program === "bash" ? "bash" : "dash";
  return call.shell(text, { name: path, args: call.args, flags: Array.from(interpreter?.[2] ?? ""), dialect });
}

async function runStandIn({ program, version }: StandIn, call: Call): Promise<number> {
  const { standIns } = call.machine;
  const make = Object.hasOwn(standIns, program) ? standIns[program] : undefined;
  if (make === undefined) throw new CommandError(`the simulator does not know what ${program} ${version} does`, 126);
  return (await make(version)(call)) ?? 0;
}

function makeCall(shell: Shell, word: string, args: readonly string[], how: Dispatch): Call {
  const { machine, state, aborted } = shell;
  const { io } = how;
  const environment = { ...state.environment, ...how.environment };
  const folder = how.folder ?? state.folder;
  return {
    name: posix.basename(word),
    args,
    machine,
    folder,
    environment,
    umask: state.umask,
    input: io.input,
    out: (data) => io.outputs.get(1)?.write(data),
    err: (data) => io.outputs.get(2)?.write(data),
    run: (words, change: CallChange = {}) => {
      const input = change.input ?? io.input;
      const begun = ShellState.begin(change.environment ?? environment, change.folder ?? folder);
      begun.umask = state.umask;
      const fresh = new Shell(machine, begun, aborted);
      return dispatch(fresh, words, { io: { ...io, input }, line: how.line });
    },
    shell: (script, { name = "sh", args: own = [], flags = [], dialect = state.dialect }: ShellOptions = {}) => {
      const fresh = ShellState.begin(environment, folder);
      fresh.name = name;
      fresh.dialect = dialect;
      fresh.umask = state.umask;
      fresh.args = own;
      for (const flag of flags) fresh.flags.add(flag);
      return new Shell(machine, fresh, aborted).run(script, io);
    },
  };
}

async function callFunction(
  shell: Shell,
  command: Parameters<Shell["command"]>[0],
  args: readonly string[],
  io: Descriptors,
): Promise<number> {
  const { state } = shell;
  const outer = state.args;
  const locals = new Map<string, string | undefined>();
  state.args = args;
  state.locals.push(locals);
  try {
    return await shell.command(command, io);
  } catch (error) {
    if (error instanceof ReturnSignal) return error.status;
    throw error;
  } finally {
    state.args = outer;
    state.locals.pop();
    for (const [name, value] of locals) setOrUnset(state, name, value);
  }
}

function assign(state: ShellState, assigned: readonly (readonly [string, string])[]): () => void {
  const before = assigned.map(([name]) => [name, state.variables.get(name), state.exported.has(name)] as const);
  for (const [name, value] of assigned) state.export(name, value);
  return () => {
    for (const [name, value, exported] of before) {
      setOrUnset(state, name, value);
      if (!exported) state.exported.delete(name);
    }
  };
}

function setOrUnset({ variables }: ShellState, name: string, value: string | undefined): void {
  if (value === undefined) variables.delete(name);
  else variables.set(name, value);
}

/** Says on standard error why a command failed, and returns its status. */
function explain(error: unknown, word: string, { io, line }: Dispatch): number {
  const say = (text: string) => io.outputs.get(2)?.write(`${text.replace(/\n+$/, "")}\n`);
  const name = posix.basename(word);
  if (error instanceof PlainError) {
    say(error.message);
    return error.status;
  }
  if (error instanceof CommandError) {
    say(
      error.status === 127 || error.status === 126
        ? `sh: ${line}: ${word}: ${error.message}`
        : `${name}: ${error.message}`,
    );
    return error.status;
  }
  if (error instanceof FileError) {
    say(`${name}: ${error.path}: ${error.message}`);
    return 1;
  }
  // Proxmox's own tools end so.
  if (error instanceof ApiError) {
    const details = Object.entries(error.errors ?? {}).map(([key, problem]) => `\n${key}: ${problem}`);
    say(`${error.status === 500 ? "" : `${error.status} `}${error.message}${details.join("")}`);
    return 255;
  }
  throw error;
}
