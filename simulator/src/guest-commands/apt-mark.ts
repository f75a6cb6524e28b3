import { CommandError, PlainError, type Program } from "../shell/machine.ts";
import { findPackage } from "./package-catalogue.ts";
import type { SystemSoftware } from "./system.ts";

/** `apt-mark hold`, `unhold` and `showhold`. */
export function aptMarkProgram(system: SystemSoftware): Program {
  return ({ args, out }) => {
    const [command = "", ...names] = args.filter((arg) => !arg.startsWith("-"));
    if (command === "showhold") {
      for (const name of system.held()) if (names.length === 0 || names.includes(name)) out(`${name}\n`);
      return 0;
    }
    if (!["hold", "unhold", "auto", "manual"].includes(command))
      throw new CommandError(`the simulator does not know 'apt-mark ${command}'`, 100);
    for (const name of names) {
      if (system.packages()[name] === undefined && findPackage(name) === undefined)
        throw new PlainError(`E: Unable to locate package ${name}\nE: No packages found`, 100);
    }
    for (const name of names) {
      const held = system.held().includes(name);
      if (command === "hold") out(held ? `${name} was already set on hold.\n` : `${name} set on hold.\n`);
      if (command === "unhold") out(held ? `Canceled hold on ${name}.\n` : `${name} was already not on hold.\n`);
      if (command.endsWith("hold")) system.hold(name, command === "hold");
    }
    return 0;
  };
}
