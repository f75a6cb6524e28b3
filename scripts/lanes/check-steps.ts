import type { Parallel } from "./run-steps.ts";
import { vitestStep } from "./vitest-step.ts";

/** The checks of the sources, and the unit tests that start no server: two at a time, as on the smallest machines. */
export function checkSteps() {
  const types: Parallel = {
    atOnce: [
      { title: "lint", command: ["npx", "eslint", "."] },
      { title: "types", command: ["npx", "tsc", "-p", "."] },
    ],
  };
  const others: Parallel = {
    atOnce: [
      { title: "format", command: ["npx", "prettier", "--check", "--log-level=warn", "."] },
      { title: "unused code", command: ["npx", "knip", "--no-progress"] },
      { title: "types of the simulator's page", command: ["npx", "tsc", "-p", "simulator/src/page"] },
      { title: "shell", command: ["bash", "-n", ".ci/run", "toolchain/language-nodejs/pulumi-language-nodejs.sh"] },
    ],
  };
  return [types, others, vitestStep("unit tests", "unit")];
}
