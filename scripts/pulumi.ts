import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { chooseStack } from "./choose-stack.ts";
import { runPulumi } from "./pulumi-command.ts";
import { demoFolder, readToolchain, stackEnvironment } from "./stack-environment.ts";
import { explainBackendFailure, findBackend, refuseBackend } from "./state-backend.ts";

// npm run pulumi -- …: the chosen engine with the project's environment.
const project = resolve(import.meta.dirname, "..");
const args = process.argv.slice(2);
const choice = chooseStack(args, { named: process.env["PULUMI_STACK"], demoRuns: existsSync(demoFolder(project)) });
if (choice.kind === "missing") {
  process.stderr.write(
    "No stack is named, and no demo is running.\n" +
      "  Start the demo in another terminal with npm run demo,\n" +
      "  or name your own stack: --stack homelab, or export PULUMI_STACK=homelab.\n",
  );
  process.exitCode = 1;
} else {
  process.exitCode = await run(choice.stack);
}

async function run(stack: string | undefined): Promise<number> {
  const toolchain = readToolchain();
  const env = stackEnvironment(project, toolchain, stack);
  const backend = findBackend(project, env, env["PULUMI_CREDENTIALS_PATH"]);
  const refusal = refuseBackend(backend, env);
  if (refusal !== undefined) {
    process.stderr.write(`${refusal}\n`);
    return 1;
  }
  const code = await runHere(toolchain.pulumi, env);
  if (code !== 0 && stack !== undefined) process.stderr.write(await explainBackend(backend, stack));
  return code;
}

/** Runs the engine in this terminal. */
function runHere(pulumi: string, env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((done, reject) => {
    const child = spawn(pulumi, args, { cwd: project, env, stdio: "inherit" });
    // Pulumi gets the terminal's signals itself; this process waits for its end.
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
    child.on("error", reject).on("exit", (code) => {
      done(code ?? 1);
    });
  });
}

/** What the engine has said went to the terminal alone: a backend elsewhere is asked once more. */
async function explainBackend(backend: string | undefined, stack: string): Promise<string> {
  if (backend === undefined || backend.startsWith("file:")) return "";
  const { messages } = await runPulumi(project, stack, ["stack", "ls"]);
  return explainBackendFailure(backend, messages);
}
