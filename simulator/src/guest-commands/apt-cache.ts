import { CommandError, type Program } from "../shell/machine.ts";
import { policyOf } from "./apt-policy.ts";
import type { SystemSoftware } from "./system.ts";

/** `apt-cache policy`: which versions there are, and which one apt would install. */
export function aptCacheProgram(system: SystemSoftware): Program {
  return ({ args, machine, out }) => {
    const [command = "", ...names] = args.filter((arg) => !arg.startsWith("-"));
    if (command !== "policy" || names.length === 0)
      throw new CommandError(`the simulator does not know 'apt-cache ${args.join(" ")}'`, 100);
    for (const name of names) {
      const { installed = "(none)", candidate = "(none)", versions } = policyOf(machine.files, system, name);
      if (versions.length === 0) continue;
      out(`${name}:\n  Installed: ${installed}\n  Candidate: ${candidate}\n  Version table:\n`);
      for (const { version, priority } of versions)
        out(` ${version === installed ? "***" : "   "} ${version} ${priority}\n`);
    }
    return 0;
  };
}
