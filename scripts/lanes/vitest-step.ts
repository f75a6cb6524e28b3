import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { project, type Step } from "./run-steps.ts";
import { noTests, readVitestReport } from "./vitest-report.ts";

/** A step that runs the tests of a project of vitest.config.ts, or some of its files; further arguments are those of vitest. */
export function vitestStep(
  title: string,
  projectName: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Step {
  const report = join(project, ".homelab", `vitest-${projectName}.json`);
  rmSync(report, { force: true });
  return {
    title,
    env,
    command: [
      "npx",
      ...["vitest", "run", "--project", projectName],
      ...["--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
      ...args,
    ],
    testResult: () =>
      existsSync(report)
        ? readVitestReport(readFileSync(report, "utf8"), project)
        : { ...noTests, failed: 1, failures: [`${title}: vitest ended before it ran a test.`] },
  };
}
