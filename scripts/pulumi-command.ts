import { readToolchain, stackEnvironment } from "./stack-environment.ts";
import { startEngine, type PulumiResult } from "./start-engine.ts";
import { explainBackendFailure, findBackend, refuseBackend } from "./state-backend.ts";

/** Another way to run than in the project with its backend, to the end. */
export interface Elsewhere {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Ends the run early. */
  readonly stopped?: AbortSignal;
}

/** Runs the chosen engine on a stack and keeps what it prints; `input` is what it reads, and is seen by nobody else. */
export async function runPulumi(
  project: string,
  stack: string,
  args: readonly string[],
  input = "",
  { folder, environment, stopped }: Elsewhere = { folder: project, environment: {} },
): Promise<PulumiResult> {
  const env = { ...stackEnvironment(project, readToolchain(), stack), ...environment };
  const backend = findBackend(project, env);
  const refusal = refuseBackend(backend, env);
  if (refusal !== undefined) return { code: 1, output: "", messages: refusal };
  const given = [...args, "--non-interactive", "--color", "never", "--stack", stack];
  const result = await startEngine(given, { folder, environment: env, says: "to us", input, stopped });
  const explained = result.code === 0 ? "" : explainBackendFailure(backend, result.messages);
  return { ...result, messages: `${result.messages}${explained}` };
}
