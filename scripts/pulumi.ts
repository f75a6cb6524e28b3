import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { chooseStack } from "./choose-stack.ts";
import { demoFolder, readToolchain, stackEnvironment } from "./stack-environment.ts";

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
  const toolchain = readToolchain();
  const child = spawn(toolchain.pulumi, args, {
    cwd: project,
    env: stackEnvironment(project, toolchain, choice.stack),
    stdio: "inherit",
  });
  // Pulumi gets the terminal's signals itself; this process waits for its end.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
  child.on("exit", (code) => {
    process.exitCode = code ?? 1;
  });
}
