import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {{ version: string, server?: string }} PluginPin
 * @typedef {object} Pins
 * @property {{ version: string, compatible: { minimum: string, below: string }, downloads: string[], checksums: string, sha256: Record<string, string> }} pulumi
 * @property {Record<string, PluginPin>} plugins
 * @property {{ minimum: string }} go
 */

/**
 * Reads the pinned versions and checksums of everything that setup installs.
 * @param {string} toolchainFolder
 * @returns {Pins}
 */
export function loadPins(toolchainFolder) {
  return /** @type {Pins} */ (JSON.parse(readFileSync(join(toolchainFolder, "pins.json"), "utf8")));
}

/**
 * Hashes all that decides what setup installs (pins, Go modules and their sources), so that equal pins share one installation.
 * @param {string} toolchainFolder
 */
export function hashPins(toolchainFolder) {
  const hash = createHash("sha256").update(process.platform).update(process.arch);
  for (const file of pinnedFiles(toolchainFolder)) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(toolchainFolder, file)))
      .update("\0");
  }
  return hash.digest("hex").slice(0, 16);
}

/** @param {string} toolchainFolder */
function pinnedFiles(toolchainFolder) {
  const goFiles = readdirSync(toolchainFolder, { recursive: true, encoding: "utf8" }).filter(
    (file) => /\.(?:go|mod|sum|sh)$/.test(file) && !file.endsWith("_test.go"),
  );
  return ["pins.json", ...goFiles.sort()];
}

/**
 * Compares two versions of the form 1.2.3 number by number; negative when `a` is the older.
 * @param {string} a
 * @param {string} b
 */
export function compareVersions(a, b) {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
