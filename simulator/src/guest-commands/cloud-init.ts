import { CommandError, type Program } from "../shell/machine.ts";
import type { SystemSoftware } from "./system.ts";

/** `cloud-init status --wait`: the simulator's cloud-init is done before anyone can ask. */
export function cloudInitProgram({ packages }: SystemSoftware): Program {
  return ({ args, out }) => {
    if (packages()["cloud-init"] === undefined) throw new CommandError("not found", 127);
    const [command, ...options] = args;
    if (command !== "status" || options.some((option) => option !== "--wait" && option !== "-w"))
      throw new CommandError(`the simulator does not know 'cloud-init ${args.join(" ")}'`, 127);
    out("status: done\n");
    return 0;
  };
}
