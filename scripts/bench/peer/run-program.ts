import { spawn } from "node:child_process";

/** Where a program runs. */
export interface ProgramPlace {
  readonly folder: string;
  /** All of it. */
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Runs a program without a terminal, and returns what it has printed.
 * @throws {Error} with its messages if it fails
 */
export function runProgram(
  program: string,
  args: readonly string[],
  { folder, environment }: ProgramPlace,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: folder, env: environment, stdio: ["ignore", "pipe", "pipe"] });
    const printed = { output: "", messages: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed.output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      printed.messages += text;
    });
    child.on("error", reject).on("close", (code) => {
      if (code === 0) resolve(printed.output);
      else
        reject(
          new Error(
            `${[program, ...args].join(" ")} ended with exit code ${String(code)}.\n${printed.output}${printed.messages}`,
          ),
        );
    });
  });
}
