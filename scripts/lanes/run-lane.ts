import { runSteps, type Parallel, type Step, type StepOutcome } from "./run-steps.ts";
import { noTests, type TestResult } from "./vitest-report.ts";

/** What one of the test commands runs. */
export interface Lane {
  /** `npm test` */
  readonly command: string;
  /** How long the lane may take on two quiet cores, in minutes; undefined if only some tests were asked for. */
  readonly budget?: number;
  readonly steps: readonly (Step | Parallel)[];
}

/** How many of the slowest test files the summary lists. */
const listed = 10;

/** Runs a lane and prints its summary; the exit code is 1 if a step failed, and never depends on the time. */
export async function runLane({ command, budget, steps }: Lane): Promise<void> {
  const start = performance.now();
  const outcomes = await runSteps(steps);
  const seconds = (performance.now() - start) / 1000;
  process.stdout.write(renderSummary(outcomes, { command, budget, seconds }));
  if (!outcomes.every(({ passed }) => passed)) process.exitCode = 1;
}

/** How long a lane took, against its budget in minutes. */
export interface LaneTime {
  readonly command: string;
  readonly budget: number | undefined;
  readonly seconds: number;
}

/**
 * Renders what a lane came to: each step with its time, the slowest test files, the total against the budget, each failed test
 * again (its output may be thousands of lines above), and in the last line the count of the tests.
 */
export function renderSummary(outcomes: readonly StepOutcome[], { command, budget, seconds }: LaneTime): string {
  const total = outcomes.map(({ tests }) => tests).reduce(add, noTests);
  const slowest = [...total.files].sort((a, b) => b.seconds - a.seconds).slice(0, listed);
  const limit =
    budget === undefined ? "" : ` of the ${String(budget)} minutes that ${command} may take on two quiet cores`;
  return [
    "",
    ...outcomes.map(({ step, passed, seconds: took }) =>
      step.skip === undefined
        ? `${passed ? "✓" : "✗"} ${step.title} (${took.toFixed(1)} s)`
        : `- ${step.title}: skipped, ${step.skip}`,
    ),
    "",
    ...(slowest.length === 0 ? [] : ["Slowest test files:"]),
    ...slowest.map((file) => `${file.seconds.toFixed(1).padStart(8)} s  ${file.name}`),
    ...(slowest.length === 0 ? [] : [""]),
    `Total: ${renderMinutes(seconds)}${limit}`,
    "",
    ...total.failures.map((failure) => `✗ ${failure}`),
    ...(total.failures.length === 0 ? [] : [""]),
    `Tests: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`,
    "",
  ].join("\n");
}

function renderMinutes(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}

function add(a: TestResult, b: TestResult): TestResult {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    failures: [...a.failures, ...b.failures],
    files: [...a.files, ...b.files],
  };
}
