import { checkSteps } from "./check-steps.ts";
import { runSteps } from "./run-steps.ts";

// npm run check [-- filters of vitest]: everything but the end-to-end tests.
void runSteps(checkSteps(process.argv.slice(2))).then((passed) => {
  if (!passed) process.exitCode = 1;
});
