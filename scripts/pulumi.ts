import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { chooseStack } from "./choose-stack.ts";
import { commandFirst } from "./command-line.ts";
import { orTheDemo } from "./named-stack.ts";
import { runEngine } from "./run-engine.ts";
import { demoFolder, readToolchain, stackEnvironment } from "./stack-environment.ts";
import { findLocks, renderHint } from "./stack-locks.ts";
import { findBackend } from "./state-backend.ts";

// npm run pulumi -- …: the chosen engine with the project's environment.
const project = resolve(import.meta.dirname, "..");
void main();

async function main(): Promise<void> {
  const args = commandFirst(process.argv.slice(2));
  const choice = chooseStack(args, { named: process.env["PULUMI_STACK"], demoRuns: existsSync(demoFolder(project)) });
  if (choice.kind === "missing") {
    process.stderr.write(`No stack is named, and no demo is running.${orTheDemo}\n`);
    process.exitCode = 1;
  } else {
    process.exitCode = await runEngine(project, args, choice.stack);
    if (process.exitCode !== 0 && choice.stack !== undefined) {
      const env = stackEnvironment(project, readToolchain(), choice.stack);
      const backend = findBackend(project, env);
      process.stderr.write(renderHint(findLocks(backend, choice.stack), choice.stack));
    }
  }
}
