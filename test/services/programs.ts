import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { findProgram } from "../../scripts/find-program.ts";
import type { StepPlan } from "../../src/plan/steps.ts";

/** Whether a program is missing; its tests are skipped then, and scripts/test.ts installs it where it can. */
export function lacks(program: string): boolean {
  return findProgram(program) === undefined;
}

/** Runs a program to its end, and tells how that went. */
export function run(
  program: string,
  args: readonly string[],
  { cwd, input, environment = {} }: { cwd?: string; input?: string; environment?: Record<string, string> } = {},
): { readonly code: number | null; readonly output: string; readonly messages: string } {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    input,
    encoding: "utf8",
    env: { ...process.env, ...environment },
  });
  return { code: status, output: stdout, messages: stderr };
}

/** Writes a step's files below a folder, as they are staged in a guest; the value of each secret is its name. */
export function stage(folder: string, { files }: StepPlan): void {
  for (const { path, text } of files) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text.map((part) => (typeof part === "string" ? part : part.secret)).join(""));
  }
}
