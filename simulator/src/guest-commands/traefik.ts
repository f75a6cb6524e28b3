import { CommandError, type Program } from "../shell/machine.ts";

/** Traefik 3 of one version: tells which one it is. */
export function traefik(version: string): Program {
  return ({ args, out }) => {
    const [command] = args;
    if (command !== "version") throw new CommandError(`the simulator does not know 'traefik ${args.join(" ")}'`, 127);
    out(
      `Version:      ${version}\nCodename:     cheddar\nGo version:   go1.26.8\nBuilt:        I don't remember exactly\nOS/Arch:      linux/amd64\n`,
    );
    return 0;
  };
}
