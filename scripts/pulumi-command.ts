import { spawn } from "node:child_process";
import { endEngine } from "./end-engine.ts";
import { readToolchain, stackEnvironment } from "./stack-environment.ts";
import { explainBackendFailure, findBackend, refuseBackend } from "./state-backend.ts";

/** What a run of Pulumi has printed. */
export interface PulumiResult {
  readonly code: number;
  readonly output: string;
  readonly messages: string;
}

/** Another way to run than in the project with its backend, to the end. */
export interface Elsewhere {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Ends the run early. */
  readonly stopped?: AbortSignal;
}

/** Runs the chosen engine on a stack and keeps what it prints; `input` is what it reads, and is seen by nobody else. */
export function runPulumi(
  project: string,
  stack: string,
  args: readonly string[],
  input = "",
  { folder, environment, stopped }: Elsewhere = { folder: project, environment: {} },
): Promise<PulumiResult> {
  const toolchain = readToolchain();
  const env = { ...stackEnvironment(project, toolchain, stack), ...environment };
  const backend = findBackend(project, env);
  const refusal = refuseBackend(backend, env);
  if (refusal !== undefined) return Promise.resolve({ code: 1, output: "", messages: refusal });
  return new Promise((resolve, reject) => {
    const child = spawn(toolchain.pulumi, [...args, "--non-interactive", "--color", "never", "--stack", stack], {
      cwd: folder,
      env,
      stdio: ["pipe", "pipe", "pipe"],
    });
    stopped?.addEventListener("abort", () => {
      endEngine(child);
    });
    let [output, messages] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (messages += text));
    child.on("error", reject).on("close", (code) => {
      const explained = code === 0 ? "" : explainBackendFailure(backend, messages);
      resolve({ code: code ?? 1, output, messages: `${messages}${explained}` });
    });
    // An engine that does not read its input has ended with a message of its own.
    child.stdin.on("error", () => undefined).end(input);
  });
}
