import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";

/** How many tests passed, failed and were skipped, and which failed with what words. */
export interface TestResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly string[];
  /** How long each test file took. */
  readonly files: readonly { readonly name: string; readonly seconds: number }[];
}

/** The result of a step without tests. */
export const noTests: TestResult = { passed: 0, failed: 0, skipped: 0, failures: [], files: [] };

const Report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      startTime: z.number().default(0),
      endTime: z.number().default(0),
      message: z.string(),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullish() }),
      ),
    }),
  ),
});

/** How much of an error the summary shows, in characters; the whole of it stands above. */
const shown = 600;

/**
 * Reads what vitest's JSON reporter has written.
 * @param folder what the tests' files are named relative to
 */
export function readVitestReport(text: string, folder: string): TestResult {
  const report = Report.parse(JSON.parse(text));
  const failures = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(folder, name);
    const failed = assertionResults.filter((test) => test.status === "failed");
    // A file whose hook or import fails has no failed test of its own.
    if (failed.length === 0 && status === "failed") return [describe(file, message)];
    return failed.map(({ fullName, failureMessages }) =>
      describe(`${file} > ${fullName}`, failureMessages?.join("\n")),
    );
  });
  return {
    passed: report.numPassedTests,
    failed: Math.max(report.numFailedTests, failures.length),
    skipped: report.numPendingTests + report.numTodoTests,
    failures,
    files: report.testResults.map(({ name, startTime, endTime }) => ({
      name: relative(folder, name),
      seconds: (endTime - startTime) / 1000,
    })),
  };
}

function describe(title: string, message = ""): string {
  const plain = stripVTControlCharacters(message).trim();
  const lines = plain.length > shown ? `${plain.slice(0, shown)} …` : plain;
  return [title, ...(lines === "" ? [] : lines.split("\n").map((line) => `    ${line}`))].join("\n");
}
