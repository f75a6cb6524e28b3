import { posix } from "node:path";
import { FileError } from "../../files/file-error.ts";
import { CommandError, type Call } from "../machine.ts";

/** A path as the file system wants it. */
export function absolute({ folder }: Call, path: string): string {
  return posix.resolve(folder, path);
}

/** What is in a file, or comes on standard input where the file is `-`. */
export function readData(call: Call, path: string): Buffer | Promise<Buffer> {
  if (path === "-" || path === "/dev/stdin") return call.input.read();
  return call.machine.files.read(absolute(call, path));
}

/** Does something with each operand; one that fails is told, and the others go on. */
export async function forEach(
  call: Call,
  operands: readonly string[],
  work: (operand: string) => void | Promise<void>,
): Promise<number> {
  let status = 0;
  for (const operand of operands) {
    try {
      await work(operand);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      call.err(`${call.name}: ${operand}: ${error.message}\n`);
      status = 1;
    }
  }
  return status;
}

/** Refuses a call without operands. */
export function requireOperands(operands: readonly string[], count = 1): void {
  if (operands.length < count) throw new CommandError("missing operand");
}

/** Lines without their line breaks. */
export function linesOf(data: Buffer | string): string[] {
  const text = data.toString();
  if (text === "") return [];
  return text.replace(/\n$/, "").split("\n");
}

/** The operands, or standard input where there are none. */
export function orInput(operands: readonly string[]): readonly string[] {
  return operands.length === 0 ? ["-"] : operands;
}
