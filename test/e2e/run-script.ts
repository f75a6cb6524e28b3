import { spawn } from "node:child_process";

/** What a script has printed, and what it ended with. */
export interface ScriptResult {
  readonly code: number;
  readonly output: string;
  readonly messages: string;
}

/** What Node is started with in the project's folder, or in a copy of it, to run a script as npm would, without setup. */
export function scriptArguments(script: string, args: readonly string[]): string[] {
  return ["toolchain/run.mjs", "--no-setup", script, ...args];
}

/** Runs a script of a copy of the project as npm would. */
export function runScript(
  folder: string,
  [script = "", ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<ScriptResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, scriptArguments(script, args), {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [output, messages] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (messages += text));
    child.on("error", reject).on("close", (code) => {
      resolve({ code: code ?? 1, output, messages });
    });
  });
}
