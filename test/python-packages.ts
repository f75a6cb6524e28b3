import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { findProgram } from "../scripts/find-program.ts";
import { toolchainStore } from "../toolchain/installation.mjs";

/** Python, or undefined where it can't install packages. */
export const python = findPython();

/**
 * Installs pinned packages into the cache, once; returns the folder for PYTHONPATH.
 * @param requirements the file that lists all of them, each with its hash
 */
export function installPythonPackages(program: string, requirements: string): string {
  const hash = createHash("sha256").update(readFileSync(requirements)).update(versionOf(program)).digest("hex");
  const folder = join(dirname(toolchainStore(process.env)), "python", hash.slice(0, 16));
  if (existsSync(folder)) return folder;
  mkdirSync(dirname(folder), { recursive: true });
  const staging = mkdtempSync(`${folder}.staging-`);
  try {
    const options = ["--quiet", "--disable-pip-version-check", "--no-input", "--root-user-action=ignore"];
    execFileSync(program, [
      "-m",
      "pip",
      "install",
      ...options,
      "--no-deps",
      "--require-hashes",
      "-r",
      requirements,
      "-t",
      staging,
    ]);
    renameSync(staging, folder);
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    // Another run has been faster.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

function findPython(): string | undefined {
  const program = findProgram("python3");
  if (program === undefined) return undefined;
  try {
    execFileSync(program, ["-m", "pip", "--version"], { stdio: "ignore" });
    return program;
  } catch {
    return undefined;
  }
}

function versionOf(program: string): string {
  return execFileSync(program, ["--version"], { encoding: "utf8" });
}
