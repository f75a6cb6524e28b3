import { checkSteps } from "./lanes/check-steps.ts";
import { goSteps } from "./lanes/go-steps.ts";
import { installSteps } from "./lanes/install-steps.ts";
import { runLane } from "./lanes/run-lane.ts";
import { vitestStep } from "./lanes/vitest-step.ts";

/** What makes the sampled tests try all cases; each is described in docs or CONTRIBUTING under the name of the variable. */
const everything = {
  HOMELAB_TEST_ALL: "1",
  DRIFT_EVERY: "1",
  FAULTS_EVERY: "1",
  FAULTS_LABS: "2",
  HOSTILE_EVERY: "1",
  KILL_EVERY: "1",
};

// npm run test:all: all tests, with every case of the matrices, and guests in a real Debian.
void runLane({
  command: "npm run test:all",
  budget: 180,
  steps: [
    ...installSteps(),
    ...checkSteps(),
    ...goSteps(),
    vitestStep("tests with servers", "servers"),
    vitestStep("tests of the simulator", "simulator"),
    vitestStep("tests in a real Debian", "deep"),
    vitestStep("end-to-end tests", "e2e", [], everything),
  ],
});
