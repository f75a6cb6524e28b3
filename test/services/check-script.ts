import { runProgram } from "./run-program.ts";

/** What shellcheck has to say about a script of a step, as it is run: by a POSIX shell, with `set -eu` and `$STAGED`. */
export function shellcheck(script: string): string {
  // SC2034: a check that is only part of the script sets what another part reads.
  const { out, err } = runProgram("shellcheck", ["-s", "sh", "-e", "SC2034", "-"], {
    input: script.startsWith("#!") ? script : `set -eu\nexport STAGED\n${script}\n`,
  });
  return out + err;
}
