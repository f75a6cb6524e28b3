import { CommandError, type Program } from "../../shell/machine.ts";
import { absolute } from "../../shell/programs/paths.ts";
import { readStatements, RubySyntaxError } from "./ruby-text.ts";

/** `ruby -c FILE`: strings and brackets are looked at, and no other syntax. */
export const embeddedRuby: Program = (call) => {
  const [option, path = ""] = call.args;
  if (option !== "-c" || call.args.length !== 2)
    throw new CommandError(`the simulator does not run Ruby, and knows 'ruby -c FILE' only`, 127);
  try {
    readStatements(call.machine.files.read(absolute(call, path)).toString("utf8"));
  } catch (error) {
    if (!(error instanceof RubySyntaxError)) throw error;
    call.err(`${path}:${error.line}: syntax error found (SyntaxError)\n${error.message}\n`);
    return 1;
  }
  call.out("Syntax OK\n");
  return 0;
};
