import { spawnSync } from "node:child_process";

/** Runs a program to its end; what it printed and how it ended. */
export function runProgram(
  program: string,
  args: readonly string[],
  { input = "", path = "" }: { input?: string; path?: string } = {},
): { code: number | null; out: string; err: string } {
  const folders = [path, process.env["PATH"] ?? "", "/usr/sbin", "/sbin"].filter((folder) => folder !== "");
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    input,
    encoding: "utf8",
    env: { ...process.env, PATH: folders.join(":") },
  });
  if (error !== undefined) throw error;
  return { code: status, out: stdout, err: stderr };
}
