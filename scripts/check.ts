import { checkSteps } from "./lanes/check-steps.ts";
import { runLane } from "./lanes/run-lane.ts";
import { vitestStep } from "./lanes/vitest-step.ts";

// npm run check [-- filters of vitest]: the checks of the sources and the unit tests; with filters only the tests that they name.
const filters = process.argv.slice(2);
void runLane(
  filters.length > 0
    ? { command: "npm run check", steps: [vitestStep("unit tests", "unit", filters)] }
    : { command: "npm run check", budget: 2, steps: checkSteps() },
);
