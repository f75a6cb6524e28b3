import { expect, test } from "vitest";
import { readVitestReport } from "../../scripts/lanes/vitest-report.ts";

const counts = { numPassedTests: 3, numFailedTests: 1, numPendingTests: 1, numTodoTests: 1 };

function report(...testResults: object[]): string {
  return JSON.stringify({ ...counts, testResults });
}

test("names a failed test by its file, with the start of what it says", () => {
  const assertionResults = [
    { fullName: "passes", status: "passed", failureMessages: [] },
    {
      fullName: "takes what it gets",
      status: "failed",
      failureMessages: [`\u001B[31mexpected 1 to be 2\n    at ${"x".repeat(1000)}`],
    },
  ];
  const { failures, ...rest } = readVitestReport(
    report({
      ...{ name: "/p/test/a.test.ts", status: "failed", message: "", assertionResults },
      ...{ startTime: 1000, endTime: 2500 },
    }),
    "/p",
  );
  expect(rest).toEqual({
    passed: 3,
    failed: 1,
    skipped: 2,
    files: [{ name: "test/a.test.ts", seconds: 1.5 }],
  });
  expect(failures).toHaveLength(1);
  expect(failures[0]).toMatch(/^test\/a\.test\.ts > takes what it gets\n {4}expected 1 to be 2\n {8}at x+ …$/);
});

test("names a file whose hook failed, and counts it", () => {
  const text = JSON.stringify({
    ...counts,
    numFailedTests: 0,
    testResults: [
      {
        name: "/p/test/b.test.ts",
        status: "failed",
        message: "Hook timed out in 180000 ms.",
        assertionResults: [{ fullName: "was not run", status: "skipped" }],
      },
      { name: "/p/test/c.test.ts", status: "passed", message: "", assertionResults: [] },
    ],
  });
  expect(readVitestReport(text, "/p")).toMatchObject({
    passed: 3,
    failed: 1,
    skipped: 2,
    failures: ["test/b.test.ts\n    Hook timed out in 180000 ms."],
  });
});
