import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./run-command.mjs";
import { SetupError } from "./setup-error.mjs";

/** @typedef {{ packages: Record<string, { version?: string, link?: boolean, optional?: boolean, peer?: boolean, devOptional?: boolean }> }} Lockfile */

/**
 * Makes sure that node_modules is what package-lock.json says, with `npm ci` where it is not.
 * @param {string} projectFolder
 * @param {{ progress: import("./progress.mjs").Progress, signal?: AbortSignal }} context
 */
export async function ensurePackages(projectFolder, { progress, signal }) {
  if (packagesMatch(projectFolder)) return;
  await progress.step("npm packages", async (doing) => {
    try {
      await runCommand("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=http"], {
        cwd: projectFolder,
        ...(signal === undefined ? {} : { signal }),
        onLine: (line) => {
          doing(line.replace(/^npm http (fetch|cache) (GET \d+ )?/, ""));
        },
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw new SetupError({
        tried: "Installing the npm packages with npm ci.",
        why: error instanceof Error ? error.message : String(error),
        remedy: "Check the network and npm's registry (npm config get registry), then run the same command again.",
        cause: error,
      });
    }
  });
}

/**
 * Compares package-lock.json with the record that npm keeps of what it installed.
 * @param {string} projectFolder
 */
export function packagesMatch(projectFolder) {
  const wanted = readLockfile(join(projectFolder, "package-lock.json"));
  const installed = readLockfile(join(projectFolder, "node_modules/.package-lock.json"));
  if (wanted === undefined || installed === undefined) return false;
  return Object.entries(wanted.packages).every(([folder, { version, link, optional }]) => {
    if (!folder.startsWith("node_modules/") || link) return true;
    const found = installed.packages[folder];
    return found === undefined ? optional === true : found.version === version;
  });
}

/** @param {string} file @returns {Lockfile | undefined} */
function readLockfile(file) {
  try {
    return /** @type {Lockfile} */ (JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}
