import { posix } from "node:path";
import { FileError } from "../files/file-error.ts";
import { expandText, type ExpandContext } from "./expand.ts";
import { CommandError, type Input, type Output } from "./machine.ts";
import { BufferInput, fileOutput } from "./streams.ts";
import type { Redirection } from "./syntax.ts";

/** What a command reads from and writes to: 1 is standard output, 2 standard error. */
export interface Descriptors {
  readonly input: Input;
  /** Besides standard input: `3< file`. */
  readonly inputs?: ReadonlyMap<number, Input>;
  readonly outputs: ReadonlyMap<number, Output>;
}

const nowhere: Output = { write: () => undefined };

/** Opens what the redirections of a command name. */
export async function redirect(
  context: ExpandContext,
  redirections: readonly Redirection[],
  io: Descriptors,
): Promise<Descriptors> {
  if (redirections.length === 0) return io;
  let { input } = io;
  const [inputs, opened] = [new Map(io.inputs), new Map(io.outputs)];
  const read = (descriptor: number, from: Input) => {
    if (descriptor === 0) input = from;
    else inputs.set(descriptor, from);
  };
  for (const { descriptor, operator, target } of redirections) {
    const text = await expandText(context, target);
    if (operator === "<<" || operator === "<<<") {
      read(descriptor, new BufferInput(operator === "<<" ? text : `${text}\n`));
    } else if (operator === "<") read(descriptor, openInput(context, text, input));
    else if (operator === "<&") {
      const from = text === "-" ? new BufferInput() : text === "0" ? input : inputs.get(Number(text));
      if (from === undefined) throw new CommandError(`${text}: Bad file descriptor`, 2);
      read(descriptor, from);
    } else if (operator === ">&" && /^(?:\d+|-)$/.test(text)) opened.set(descriptor, duplicate(opened, text));
    else {
      const output = openOutput(context, text, operator.endsWith(">>"), opened);
      const both = operator.startsWith("&") || operator === ">&";
      for (const number of both ? [1, 2] : [descriptor]) opened.set(number, output);
    }
  }
  return { input, inputs, outputs: opened };
}

function duplicate(outputs: ReadonlyMap<number, Output>, text: string): Output {
  if (text === "-") return nowhere;
  const output = outputs.get(Number(text));
  if (output === undefined) throw new CommandError(`${text}: Bad file descriptor`, 1);
  return output;
}

function openInput({ state, files }: ExpandContext, path: string, input: Input): Input {
  if (path === "/dev/stdin") return input;
  try {
    return new BufferInput(files.read(posix.resolve(state.folder, path)));
  } catch (error) {
    throw asCommandError(error, path);
  }
}

function openOutput(
  { state, files }: ExpandContext,
  path: string,
  append: boolean,
  outputs: ReadonlyMap<number, Output>,
): Output {
  if (path === "/dev/null") return nowhere;
  if (path === "/dev/stdout") return outputs.get(1) ?? nowhere;
  if (path === "/dev/stderr") return outputs.get(2) ?? nowhere;
  try {
    return fileOutput(files, posix.resolve(state.folder, path), { append, umask: state.umask });
  } catch (error) {
    throw asCommandError(error, path);
  }
}

function asCommandError(error: unknown, path: string): unknown {
  return error instanceof FileError ? new CommandError(`${path}: ${error.message}`, 1) : error;
}
