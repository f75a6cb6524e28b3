import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { readVitestReport, type TestResult } from "./vitest-report.ts";

/** One step of a check: a command, and what came of its tests where it has some. */
export interface Step {
  readonly title: string;
  readonly command: readonly [string, ...string[]];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** What came of the tests, from what the command printed. */
  readonly testResult?: (output: string) => TestResult;
  /** Shows what the command printed only when it failed. */
  readonly quiet?: boolean;
  /** A plain word instead of running: what is missing and how to get it. */
  readonly skip?: string;
}

/** The project's folder. */
export const project = resolve(import.meta.dirname, "..");

/**
 * Runs all steps, also after one failed; returns whether all passed. The summary names each failed test once more, for
 * the tests of an hour stand above it, and ends with their count.
 */
export async function runSteps(steps: readonly Step[]): Promise<boolean> {
  const results = [];
  for (const step of steps) results.push({ step, ...(await runStep(step)) });
  const lines = results.map(({ step, passed, seconds }) =>
    step.skip === undefined
      ? `${passed ? "✓" : "✗"} ${step.title} (${seconds.toFixed(1)} s)`
      : `- ${step.title}: skipped, ${step.skip}`,
  );
  const total = results.map(({ tests }) => tests).reduce(add, none);
  print(`\n${lines.join("\n")}\n\n`);
  if (total.failures.length > 0) print(`${total.failures.map((failure) => `✗ ${failure}`).join("\n")}\n\n`);
  print(`Tests: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  return results.every(({ passed }) => passed);
}

async function runStep({ title, command, cwd = project, env = {}, testResult, quiet = false, skip }: Step) {
  if (skip !== undefined) return { passed: true, seconds: 0, tests: none };
  print(`\n── ${title}\n`);
  const start = performance.now();
  const { code, output } = await run(command, cwd, { ...process.env, ...env }, quiet ? ignore : print);
  if (quiet && code !== 0) print(output);
  return { passed: code === 0, seconds: (performance.now() - start) / 1000, tests: testResult?.(output) ?? none };
}

const none: TestResult = { passed: 0, failed: 0, skipped: 0, failures: [] };

function add(a: TestResult, b: TestResult): TestResult {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    failures: [...a.failures, ...b.failures],
  };
}

function run(
  [command, ...args]: Step["command"],
  cwd: string,
  env: NodeJS.ProcessEnv,
  show: (text: string) => void,
): Promise<{ code: number; output: string }> {
  return new Promise((resolveRun, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      show(text);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      resolveRun({ code: code ?? 1, output });
    });
  });
}

/** A step of vitest for one of its projects, or for some of its files. */
export function vitestStep(title: string, projectName: string, filters: readonly string[]): Step {
  const report = join(project, ".homelab", `vitest-${projectName}.json`);
  rmSync(report, { force: true });
  return {
    title,
    command: [
      "npx",
      "vitest",
      "run",
      "--project",
      projectName,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
      ...filters,
    ],
    testResult: () =>
      existsSync(report)
        ? readVitestReport(readFileSync(report, "utf8"), project)
        : { ...none, failed: 1, failures: [`${title}: vitest did not come as far as to run a test.`] },
  };
}

function ignore(): void {
  // What a quiet step prints is kept until it has failed.
}

function print(text: string): void {
  process.stdout.write(text);
}
