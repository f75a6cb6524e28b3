import { installSteps } from "./install-steps.ts";
import { runSteps, vitestStep } from "./run-steps.ts";

// npm run test:deep [-- filters of vitest]: what guests receive, in a real Debian.
const deep = vitestStep("tests in a real Debian", "deep", process.argv.slice(2));
if (!(await runSteps([...installSteps(), deep]))) process.exitCode = 1;
