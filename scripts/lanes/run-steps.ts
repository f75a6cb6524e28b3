import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { noTests, type TestResult } from "./vitest-report.ts";

/** One step of a test lane: a command, and what came of its tests if it has some. */
export interface Step {
  readonly title: string;
  readonly command: readonly [string, ...string[]];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** What came of the tests, from what the command printed. */
  readonly testResult?: (output: string) => TestResult;
  /** Shows what the command printed only if it failed. */
  readonly quiet?: boolean;
  /** Why the step is skipped: what is missing and how to get it. */
  readonly skip?: string;
}

/** Steps that run at the same time; what each prints is shown when it has ended. */
export interface Parallel {
  readonly atOnce: readonly Step[];
}

/** What came of a step. */
export interface StepOutcome {
  readonly step: Step;
  readonly passed: boolean;
  readonly seconds: number;
  readonly tests: TestResult;
}

/** The project's folder. */
export const project = resolve(import.meta.dirname, "../..");

/** Runs all steps, also after one failed. */
export async function runSteps(steps: readonly (Step | Parallel)[]): Promise<StepOutcome[]> {
  const outcomes: StepOutcome[] = [];
  for (const step of steps) {
    if ("atOnce" in step) outcomes.push(...(await Promise.all(step.atOnce.map((one) => runStep(one, true)))));
    else outcomes.push(await runStep(step, false));
  }
  return outcomes;
}

async function runStep(step: Step, buffered: boolean): Promise<StepOutcome> {
  const { title, command, cwd = project, env = {}, testResult, quiet = false, skip } = step;
  if (skip !== undefined) return { step, passed: true, seconds: 0, tests: noTests };
  const heading = `\n── ${title}\n`;
  if (!buffered) print(heading);
  const start = performance.now();
  const show = quiet || buffered ? () => undefined : print;
  const { code, output } = await run(command, cwd, { ...process.env, ...env }, show);
  if (buffered) print(heading);
  if (code !== 0 ? quiet || buffered : buffered && !quiet) print(output);
  return {
    step,
    passed: code === 0,
    seconds: (performance.now() - start) / 1000,
    tests: testResult?.(output) ?? noTests,
  };
}

function run(
  [command, ...args]: Step["command"],
  cwd: string,
  env: NodeJS.ProcessEnv,
  show: (text: string) => void,
): Promise<{ code: number; output: string }> {
  return new Promise((resolveRun, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        show(text);
      });
    }
    child.on("error", reject);
    child.on("close", (code) => {
      resolveRun({ code: code ?? 1, output });
    });
  });
}

function print(text: string): void {
  process.stdout.write(text);
}
