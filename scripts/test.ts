import { checkSteps } from "./lanes/check-steps.ts";
import { goSteps } from "./lanes/go-steps.ts";
import { installSteps } from "./lanes/install-steps.ts";
import { runLane } from "./lanes/run-lane.ts";
import { vitestStep } from "./lanes/vitest-step.ts";

// npm test [-- filters of vitest]: every promise of the README at least once; with filters only the tests that they name.
const filters = process.argv.slice(2);
const projects = [
  ["unit tests", "unit"],
  ["tests with servers", "servers"],
  ["tests of the simulator", "simulator"],
  ["end-to-end tests", "e2e"],
] as const;
void runLane(
  filters.length > 0
    ? {
        command: "npm test",
        steps: projects.map(([title, name]) => vitestStep(title, name, ["--passWithNoTests", ...filters])),
      }
    : {
        command: "npm test",
        budget: 15,
        steps: [
          ...installSteps(),
          ...checkSteps(),
          ...goSteps(),
          ...projects.slice(1).map(([title, name]) => vitestStep(title, name)),
        ],
      },
);
