import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/**
 * @typedef {"path" | "release" | "source"} Origin Where an installation comes from.
 *
 * @typedef {object} Installation What `installation.json` in an installation's folder says.
 * @property {Origin} from
 * @property {string} version of the engine
 * @property {string} pulumi the engine's file
 * @property {string | null} home PULUMI_HOME of the project's runs; null: the user's own
 * @property {Record<string, string>} plugins name → folder
 * @property {{ file: string, mtimeMs: number, size: number }} [stamp] of the user's engine, when `from` is "path"
 * @property {Record<string, { seconds: number, bytes: number }>} [built]
 */

/**
 * Tells the folder that holds all installations, outside of any checkout.
 * @param {NodeJS.ProcessEnv} env
 */
export function toolchainStore(env) {
  const own = process.platform === "darwin" ? join(homedir(), "Library/Caches") : join(homedir(), ".cache");
  // An empty or relative one counts as none: https://specifications.freedesktop.org/basedir-spec/latest/
  const named = env["XDG_CACHE_HOME"] ?? "";
  return join(isAbsolute(named) ? named : own, "proxmox-homelab", "toolchain");
}

/** @param {string} folder @returns {Installation | undefined} */
export function readInstallation(folder) {
  const file = join(folder, "installation.json");
  if (!existsSync(file)) return undefined;
  const installation = /** @type {Installation} */ (JSON.parse(readFileSync(file, "utf8")));
  const complete = [installation.pulumi, ...Object.values(installation.plugins)].every((path) => existsSync(path));
  return complete ? installation : undefined;
}

/**
 * Fills a new installation in a staging folder and moves it into place as its last act, so that nobody ever sees half of one.
 * @param {string} folder the final place
 * @param {(staging: string) => Promise<Installation>} fill gets the staging folder; the paths it returns lie in there
 * @returns {Promise<Installation>}
 */
export async function stageInstallation(folder, fill) {
  const staging = `${folder}.staging-${String(process.pid)}`;
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  try {
    const installation = await fill(staging);
    writeFileSync(
      join(staging, "installation.json"),
      `${JSON.stringify(installation, null, 2)}\n`.replaceAll(staging, folder),
    );
    rmSync(folder, { recursive: true, force: true });
    renameSync(staging, folder);
  } finally {
    rmSync(staging, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
  const installed = readInstallation(folder);
  if (installed === undefined) throw new Error(`${folder} is incomplete right after it was installed.`);
  return installed;
}

/**
 * Removes staging folders whose process is gone (a kill -9, a power cut).
 * @param {string} store
 */
export function removeAbandonedStaging(store) {
  if (!existsSync(store)) return;
  for (const entry of readdirSync(store)) {
    const pid = /\.staging-(\d+)$/.exec(entry)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(store, entry), { recursive: true, force: true });
  }
}

/**
 * Lists the installations that other pins left behind.
 * @param {string} store
 * @param {string} key of the pins in use
 */
export function otherInstallations(store, key) {
  if (!existsSync(store)) return [];
  return readdirSync(store)
    .filter((entry) => /^[0-9a-f]{16}-/.test(entry) && !entry.startsWith(key) && !entry.includes(".staging-"))
    .map((entry) => join(store, entry));
}

/** @param {number} pid */
export function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/**
 * Sums up the size of a folder in bytes.
 * @param {string} folder
 */
export function folderSize(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
