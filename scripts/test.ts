import { checkSteps, goTestSteps } from "./check-steps.ts";
import { installSteps } from "./install-steps.ts";
import { runSteps, vitestStep } from "./run-steps.ts";

// npm test [-- filters of vitest]: everything; with filters only the tests that they name.
const filters = process.argv.slice(2);
const steps =
  filters.length > 0
    ? [
        vitestStep("unit tests", "unit", ["--passWithNoTests", ...filters]),
        vitestStep("end-to-end tests", "e2e", ["--passWithNoTests", ...filters]),
      ]
    : [
        ...installSteps(),
        ...checkSteps([]),
        ...goTestSteps(),
        vitestStep("end-to-end tests", "e2e", []),
        vitestStep("tests in a real Debian", "deep", []),
      ];
if (!(await runSteps(steps))) process.exitCode = 1;
