import { PlainError, type Program } from "../shell/machine.ts";
import type { SystemSoftware } from "./system.ts";

/** A program that is there once its package is, or one of its packages. */
export function ofPackage(system: SystemSoftware, names: string | readonly string[], program: Program): Program {
  return (call) => {
    if ([names].flat().every((name) => system.packages()[name] === undefined))
      throw new PlainError(`sh: 1: ${call.name}: not found`, 127);
    return program(call);
  };
}
