import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

/** How many tests passed, failed and were skipped. */
export interface TestCount {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** One step of a check: a command, and how to count its tests where it has some. */
export interface Step {
  readonly title: string;
  readonly command: readonly [string, ...string[]];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Counts the tests from what the command printed. */
  readonly count?: (output: string) => TestCount;
  /** Shows what the command printed only when it failed. */
  readonly quiet?: boolean;
  /** A plain word instead of running: what is missing and how to get it. */
  readonly skip?: string;
}

/** The project's folder. */
export const project = resolve(import.meta.dirname, "..");

/** Runs all steps, also after one failed; prints a summary that ends with the count of tests; returns whether all passed. */
export async function runSteps(steps: readonly Step[]): Promise<boolean> {
  const results = [];
  for (const step of steps) results.push({ step, ...(await runStep(step)) });
  const lines = results.map(({ step, passed, seconds }) =>
    step.skip === undefined
      ? `${passed ? "✓" : "✗"} ${step.title} (${seconds.toFixed(1)} s)`
      : `- ${step.title}: skipped, ${step.skip}`,
  );
  const total = results.map(({ count }) => count).reduce(add, { passed: 0, failed: 0, skipped: 0 });
  print(`\n${lines.join("\n")}\n\n`);
  print(`Tests: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  return results.every(({ passed }) => passed);
}

async function runStep({ title, command, cwd = project, env = {}, count, quiet = false, skip }: Step) {
  if (skip !== undefined) return { passed: true, seconds: 0, count: none };
  print(`\n── ${title}\n`);
  const start = performance.now();
  const { code, output } = await run(command, cwd, { ...process.env, ...env }, quiet ? ignore : print);
  if (quiet && code !== 0) print(output);
  return { passed: code === 0, seconds: (performance.now() - start) / 1000, count: count?.(output) ?? none };
}

const none: TestCount = { passed: 0, failed: 0, skipped: 0 };

function add(a: TestCount, b: TestCount): TestCount {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
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

/** Counts from the JSON report that vitest writes beside its usual output. */
function countVitest(report: string): TestCount {
  // Without a report vitest did not come as far as to run a test.
  if (!existsSync(report)) return { ...none, failed: 1 };
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
    readFileSync(report, "utf8"),
  ) as Record<"numPassedTests" | "numFailedTests" | "numPendingTests" | "numTodoTests", number>;
  return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
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
    count: () => countVitest(report),
  };
}

function ignore(): void {
  // What a quiet step prints is kept until it has failed.
}

function print(text: string): void {
  process.stdout.write(text);
}
