import { join } from "node:path";
import { findProgram } from "./find-program.ts";
import { project, vitestStep, type Step } from "./run-steps.ts";

const goModules = ["proxmoxve", "command"];

/** The steps that need neither engine nor simulator; with filters only the unit tests that they name. */
export function checkSteps(filters: readonly string[]): Step[] {
  const unit = vitestStep("unit tests", "unit", filters);
  if (filters.length > 0) return [unit];
  return [
    { title: "types", command: ["npx", "tsc", "-p", "."] },
    { title: "types of the simulator's page", command: ["npx", "tsc", "-p", "simulator/src/page"] },
    { title: "lint", command: ["npx", "eslint", "."] },
    { title: "format", command: ["npx", "prettier", "--check", "--log-level=warn", "."] },
    { title: "unused code", command: ["npx", "knip", "--no-progress"] },
    { title: "shell", command: ["bash", "-n", ".ci/run", "toolchain/language-nodejs/pulumi-language-nodejs.sh"] },
    ...goModules.map((module) =>
      goStep(`go vet and gofmt of ${module}`, module, 'go vet ./... && test -z "$(gofmt -l .)"'),
    ),
    unit,
  ];
}

/** The Go tests of the plugins. */
export function goTestSteps(): Step[] {
  return goModules.map((module) => ({
    ...goStep(`go tests of ${module}`, module, "go test -v ./..."),
    testResult: (output: string) => {
      const find = (word: string) => output.match(new RegExp(`^ *--- ${word}: .*`, "gm")) ?? [];
      const failures = find("FAIL").map((line) => `${module}: ${line.trim()}`);
      return {
        passed: find("PASS").length,
        failed: failures.length,
        skipped: find("SKIP").length,
        failures,
      };
    },
  }));
}

function goStep(title: string, module: string, script: string): Step {
  return {
    title,
    command: ["bash", "-c", script],
    cwd: join(project, "toolchain", module),
    // As setup builds the plugins, so that its build cache serves here too.
    env: { CGO_ENABLED: "0", GOFLAGS: "-mod=readonly -trimpath -buildvcs=false", GOWORK: "off" },
    quiet: true,
    ...(findProgram("go") === undefined ? { skip: "Go is not on PATH" } : {}),
  };
}
