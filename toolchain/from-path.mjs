import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, sep } from "node:path";
import { compareVersions } from "./pins.mjs";
import { readInstallation, stageInstallation } from "./installation.mjs";
import { runCommand } from "./run-command.mjs";
import { SetupError } from "./setup-error.mjs";

/** @typedef {import("./setup.mjs").SetupContext} SetupContext */

/**
 * Uses the user's own `pulumi` and installs the plugins into the user's own PULUMI_HOME with `pulumi plugin install`.
 * @param {SetupContext} context
 */
export async function installFromPath(context) {
  const { env, pins, progress, signal } = context;
  const pulumi = findPulumi(context);
  if (pulumi === undefined) {
    throw new SetupError({
      tried: "Looking for pulumi on PATH.",
      why: "There is none.",
      remedy: "Install Pulumi (https://www.pulumi.com/docs/install/), or leave out --from path.",
    });
  }
  const version = await readVersion(pulumi, context);
  return stageInstallation(pathFolder(context), async () => {
    for (const [name, { version: pluginVersion, server }] of Object.entries(pins.plugins)) {
      await progress.step(`plugin ${name} ${pluginVersion} by your own pulumi`, (doing) =>
        installPlugin({ pulumi, name, version: pluginVersion, server, env, signal, doing }),
      );
    }
    const home = env["PULUMI_HOME"] ?? join(homedir(), ".pulumi");
    return { from: "path", version, pulumi, home: null, plugins: pluginFolders(pins, home), stamp: stampOf(pulumi) };
  });
}

/**
 * Finds the recorded use of the user's own `pulumi`, as long as that file is still the same.
 * @param {SetupContext} context
 */
export function findPathInstallation(context) {
  const installation = readInstallation(pathFolder(context));
  const pulumi = findPulumi(context);
  if (installation?.stamp === undefined || pulumi === undefined) return undefined;
  return JSON.stringify(installation.stamp) === JSON.stringify(stampOf(pulumi)) ? installation : undefined;
}

/**
 * Tells whether a `pulumi` on PATH has not been tried with these pins yet.
 * @param {SetupContext} context
 */
export function hasUntriedPulumi(context) {
  const pulumi = findPulumi(context);
  if (pulumi === undefined) return false;
  const file = unfitFile(context);
  return !existsSync(file) || readFileSync(file, "utf8") !== JSON.stringify(stampOf(pulumi));
}

/**
 * Remembers that the `pulumi` on PATH cannot be used, so that the next setup does not spend time on it.
 * @param {SetupContext} context
 */
export function recordUnfit(context) {
  const pulumi = findPulumi(context);
  if (pulumi !== undefined) writeFileSync(unfitFile(context), JSON.stringify(stampOf(pulumi)));
}

/**
 * Installs one plugin with the engine's own command.
 * @param {{ pulumi: string, name: string, version: string, server?: string | undefined, env: NodeJS.ProcessEnv, signal?: AbortSignal | undefined, doing: (what: string) => void }} plugin
 */
export async function installPlugin({ pulumi, name, version, server, env, signal, doing }) {
  const from = server === undefined ? [] : ["--server", server];
  try {
    await runCommand(pulumi, ["plugin", "install", "resource", name, version, ...from], {
      env,
      ...(signal === undefined ? {} : { signal }),
      onLine: doing,
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw new SetupError({
      tried: `Installing the plugin ${name} ${version} with ${pulumi}.`,
      why: error instanceof Error ? error.message : String(error),
      remedy:
        "Check that the plugin's server can be reached from here, or build from source: npm run setup -- --from source",
      cause: error,
    });
  }
}

/**
 * Names the folder of each plugin below a PULUMI_HOME, as the engine looks for it.
 * @param {import("./pins.mjs").Pins} pins
 * @param {string} home
 */
export function pluginFolders(pins, home) {
  return Object.fromEntries(
    Object.entries(pins.plugins).map(([name, { version }]) => [
      name,
      join(home, "plugins", `resource-${name}-v${version}`),
    ]),
  );
}

/**
 * Finds the user's `pulumi` on PATH; the ones that setup itself installed do not count.
 * @param {SetupContext} context
 */
export function findPulumi({ env, store }) {
  const realStore = existsSync(store) ? realpathSync(store) : store;
  for (const folder of (env["PATH"] ?? "").split(delimiter).filter((entry) => entry !== "")) {
    const file = join(folder, "pulumi");
    if (isExecutable(file) && !realpathSync(file).startsWith(realStore + sep)) return file;
  }
  return undefined;
}

/** @param {string} pulumi @param {SetupContext} context */
async function readVersion(pulumi, { pins, env, signal }) {
  const { minimum, below } = pins.pulumi.compatible;
  const printed = await runCommand(pulumi, ["version"], { env, ...(signal === undefined ? {} : { signal }) });
  const version = /^v?(\d+\.\d+\.\d+)/.exec(printed.trim())?.[1];
  if (version === undefined || compareVersions(version, minimum) < 0 || compareVersions(version, below) >= 0) {
    throw new SetupError({
      tried: `Using ${pulumi}.`,
      why: `Its version is ${printed.trim()}; needed is at least ${minimum} and below ${below}.`,
      remedy: "Upgrade it, or leave out --from path: setup then provides an engine of the project's own.",
    });
  }
  if (!isExecutable(join(dirname(realpathSync(pulumi)), "pulumi-language-nodejs"))) {
    throw new SetupError({
      tried: `Using ${pulumi}.`,
      why: "The Node language host pulumi-language-nodejs is not beside it.",
      remedy: "Reinstall Pulumi from its release archive, or leave out --from path.",
    });
  }
  return version;
}

/** @param {SetupContext} context */
function pathFolder({ store, key }) {
  mkdirSync(store, { recursive: true });
  return join(store, `${key}-path`);
}

/** @param {SetupContext} context */
function unfitFile({ store, key }) {
  return join(store, `${key}-unfit.json`);
}

/** @param {string} pulumi */
function stampOf(pulumi) {
  const file = realpathSync(pulumi);
  const { mtimeMs, size } = statSync(file);
  return { file, mtimeMs, size };
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
