import { join } from "node:path";
import { findProgram } from "../find-program.ts";
import { project, type Step } from "./run-steps.ts";

const modules = ["proxmoxve", "command"];

/** Checks and tests of the plugins' Go sources; skipped without Go. */
export function goSteps(): Step[] {
  return modules.flatMap((module) => [
    goStep(`go vet and gofmt of ${module}`, module, 'go vet ./... && test -z "$(gofmt -l .)"'),
    {
      ...goStep(`go tests of ${module}`, module, "go test -v ./..."),
      testResult: (output) => readGoTests(module, output),
    },
  ]);
}

function readGoTests(module: string, output: string): ReturnType<NonNullable<Step["testResult"]>> {
  const find = (word: string) => output.match(new RegExp(`^ *--- ${word}: .*`, "gm")) ?? [];
  const failures = find("FAIL").map((line) => `${module}: ${line.trim()}`);
  return { passed: find("PASS").length, failed: failures.length, skipped: find("SKIP").length, failures, files: [] };
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
