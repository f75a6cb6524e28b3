import { expect, test } from "vitest";
import { renderSummary } from "../../scripts/lanes/run-lane.ts";
import { runSteps } from "../../scripts/lanes/run-steps.ts";
import { noTests } from "../../scripts/lanes/vitest-report.ts";

test("the summary has each step, the slowest files, the time against the budget, each failure, and the count last", () => {
  const files = Array.from({ length: 12 }, (_, index) => ({ name: `test/${String(index)}.test.ts`, seconds: index }));
  const outcomes = [
    { step: { title: "lint", command: ["eslint"] as const }, passed: true, seconds: 20.04, tests: noTests },
    {
      step: { title: "unit tests", command: ["vitest"] as const },
      passed: false,
      seconds: 61,
      tests: { passed: 7, failed: 1, skipped: 2, failures: ["test/3.test.ts > adds"], files },
    },
    {
      step: { title: "go tests", command: ["go"] as const, skip: "Go is not on PATH" },
      ...{ passed: true, seconds: 0, tests: noTests },
    },
  ];
  const lines = renderSummary(outcomes, { command: "npm test", budget: 15, seconds: 81.6 }).split("\n");
  expect(lines).toEqual([
    "",
    "✓ lint (20.0 s)",
    "✗ unit tests (61.0 s)",
    "- go tests: skipped, Go is not on PATH",
    "",
    "Slowest test files:",
    ...[11, 10, 9, 8, 7, 6, 5, 4, 3, 2].map((n) => `${n.toFixed(1).padStart(8)} s  test/${String(n)}.test.ts`),
    "",
    "Total: 1 min 22 s of the 15 minutes that npm test may take on two quiet cores",
    "",
    "✗ test/3.test.ts > adds",
    "",
    "Tests: 7 passed, 1 failed, 2 skipped",
    "",
  ]);
});

test("a lane longer than its budget is not failed for that", () => {
  expect(renderSummary([], { command: "npm test", budget: 1, seconds: 3600 })).toContain("Total: 60 min 00 s of the 1");
});

test("steps run after one that failed, and at the same time where they may", async () => {
  const sleep = (title: string, code: number) =>
    ({ title, command: ["sh", "-c", `sleep 0.5; exit ${String(code)}`], quiet: true }) as const;
  const start = performance.now();
  const outcomes = await runSteps([{ atOnce: [sleep("a", 1), sleep("b", 0)] }, sleep("c", 0)]);
  expect(outcomes.map(({ step, passed }) => [step.title, passed])).toEqual([
    ["a", false],
    ["b", true],
    ["c", true],
  ]);
  expect(performance.now() - start).toBeLessThan(1450);
});
