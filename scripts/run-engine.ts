import { changesSomething, withEventLog } from "./event-log.ts";
import { runPulumi } from "./pulumi-command.ts";
import { readToolchain, stackEnvironment } from "./stack-environment.ts";
import { startEngine, type EngineStart } from "./start-engine.ts";
import { explainBackendFailure, findBackend, refuseBackend } from "./state-backend.ts";
import { tellFailures } from "./tell-failures.ts";

/** Runs the chosen engine in the user's terminal, with the environment of a stack; returns its exit code. */
export async function runEngine(
  project: string,
  args: readonly string[],
  stack: string | undefined,
  says: EngineStart["says"] = "to the terminal",
): Promise<number> {
  const env = stackEnvironment(project, readToolchain(), stack);
  const backend = findBackend(project, env);
  const refusal = refuseBackend(backend, env);
  if (refusal !== undefined) {
    process.stderr.write(`${refusal}\n`);
    return 1;
  }
  const start = async (given: readonly string[], more: NodeJS.ProcessEnv = {}, stopped?: AbortSignal) => {
    const environment = { ...env, ...more };
    return (await startEngine(given, { folder: project, environment, says, stopped })).code;
  };
  if (stack === undefined || !changesSomething(args)) {
    const code = await start(args);
    if (code !== 0 && stack !== undefined) process.stderr.write(await explainBackend(project, backend, stack));
    return code;
  }
  const logged = await withEventLog(args, start);
  if (logged.code === 0) return 0;
  const failures = await tellFailures(project, stack, logged, commandAgain(args, stack));
  process.stderr.write(failures === "" ? await explainBackend(project, backend, stack) : failures);
  return logged.code;
}

/** What was cut off is taken up by our own up, which other commands have no need of. */
function commandAgain([command = ""]: readonly string[], stack: string): string {
  return ["up", "update"].includes(command)
    ? `npm run up -- --stack ${stack}`
    : `npm run pulumi -- ${command} --stack ${stack}`;
}

/** What the engine has said went to the terminal alone: a backend elsewhere is asked once more. */
async function explainBackend(project: string, backend: string | undefined, stack: string): Promise<string> {
  if (backend === undefined || backend.startsWith("file:")) return "";
  const { messages } = await runPulumi(project, stack, ["stack", "ls"]);
  return explainBackendFailure(backend, messages);
}
