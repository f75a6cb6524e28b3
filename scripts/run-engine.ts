import { spawn } from "node:child_process";
import { runPulumi } from "./pulumi-command.ts";
import { readToolchain, stackEnvironment } from "./stack-environment.ts";
import { explainBackendFailure, findBackend, refuseBackend } from "./state-backend.ts";

/** Runs the chosen engine in the user's terminal, with the environment of a stack; returns its exit code. */
export async function runEngine(project: string, args: readonly string[], stack: string | undefined): Promise<number> {
  const toolchain = readToolchain();
  const env = stackEnvironment(project, toolchain, stack);
  const backend = findBackend(project, env);
  const refusal = refuseBackend(backend, env);
  if (refusal !== undefined) {
    process.stderr.write(`${refusal}\n`);
    return 1;
  }
  const code = await runHere(toolchain.pulumi, args, { cwd: project, env });
  if (code !== 0 && stack !== undefined) process.stderr.write(await explainBackend(project, backend, stack));
  return code;
}

function runHere(
  pulumi: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<number> {
  return new Promise((done, reject) => {
    const child = spawn(pulumi, args, { ...options, stdio: "inherit" });
    // Pulumi gets the terminal's signals itself; this process waits for its end.
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
    child.on("error", reject).on("exit", (code) => {
      done(code ?? 1);
    });
  });
}

/** What the engine has said went to the terminal alone: a backend elsewhere is asked once more. */
async function explainBackend(project: string, backend: string | undefined, stack: string): Promise<string> {
  if (backend === undefined || backend.startsWith("file:")) return "";
  const { messages } = await runPulumi(project, stack, ["stack", "ls"]);
  return explainBackendFailure(backend, messages);
}
