#!/usr/bin/env node
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findPathInstallation, hasUntriedPulumi, installFromPath, recordUnfit } from "./from-path.mjs";
import {
  folderSize,
  otherInstallations,
  readInstallation,
  removeAbandonedStaging,
  toolchainStore,
} from "./installation.mjs";
import { withLock } from "./lock.mjs";
import { ensurePackages } from "./packages.mjs";
import { hashPins, loadPins } from "./pins.mjs";
import { Progress } from "./progress.mjs";
import { SetupError } from "./setup-error.mjs";

/**
 * @typedef {import("./installation.mjs").Installation} Installation
 * @typedef {import("./installation.mjs").Origin} Origin
 *
 * @typedef {object} SetupContext What every way to install needs.
 * @property {string} toolchainFolder pins and Go modules
 * @property {string} store folder of all installations
 * @property {string} key hash of the pins
 * @property {import("./pins.mjs").Pins} pins
 * @property {NodeJS.ProcessEnv} env
 * @property {Progress} progress
 * @property {AbortSignal} [signal]
 */

const usage = `Makes sure of the Pulumi engine, its Node language host and the plugins proxmoxve and command.

npm run setup -- [options]

  --from auto      the first of these that works (default)
  --from path      your own pulumi from PATH, with pulumi plugin install
  --from release   Pulumi's official release archive, checked against a pinned SHA-256
  --from source    built from pinned Go modules (needs Go; about 10 minutes the first time)
  --pin-releases   write the official checksums of the pinned release into toolchain/pins.json
  --prune          remove what other pins left in the cache folder
  --where          print the folder of the installation
  --help
`;

const projectFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const toolchainFolder = join(projectFolder, "toolchain");

/**
 * Loaded when needed only: most runs of setup find everything in place.
 * @type {Record<Origin, (context: SetupContext) => Promise<Installation>>}
 */
const installers = {
  path: installFromPath,
  release: async (context) => (await import("./from-release.mjs")).installFromRelease(context),
  source: async (context) => (await import("./from-source.mjs")).installFromSource(context),
};

/**
 * Makes sure of the npm packages and the toolchain of this checkout, and returns the toolchain.
 * @param {{ from?: Origin | "auto", signal?: AbortSignal }} [options]
 */
export async function setUp({ from = "auto", signal } = {}) {
  const context = createContext(signal);
  await ensurePackages(projectFolder, context);
  return setUpToolchain(context, from);
}

/**
 * Makes sure of the npm packages only, for commands that need no engine.
 * @param {AbortSignal} signal
 */
export async function setUpPackages(signal) {
  await ensurePackages(projectFolder, createContext(signal));
}

/**
 * Returns the installation that belongs to the pins, and installs it where it is missing.
 * @param {SetupContext} context
 * @param {Origin | "auto"} from
 * @returns {Promise<Installation>}
 */
export async function setUpToolchain(context, from) {
  const ready = findInstallation(context, from);
  if (ready !== undefined) return ready;
  const { store, progress, signal } = context;
  /** @param {number} pid */
  const onWait = (pid) => {
    progress.note(`Another setup is running (process ${String(pid)}); waiting for it.`);
  };
  return withLock(join(store, "lock"), { ...(signal === undefined ? {} : { signal }), onWait }, async () => {
    removeAbandonedStaging(store);
    return findInstallation(context, from) ?? install(context, from);
  });
}

/**
 * @param {SetupContext} context
 * @param {Origin | "auto"} from
 */
function findInstallation(context, from) {
  const own = () => findPathInstallation(context);
  const { store, key } = context;
  if (from === "path") return own();
  if (from !== "auto") return readInstallation(join(store, `${key}-${from}`));
  // A pulumi that came onto PATH since the last setup is looked at first; one that was found unfit is not tried again.
  const mine = own();
  if (mine !== undefined || hasUntriedPulumi(context)) return mine;
  return readInstallation(join(store, `${key}-release`)) ?? readInstallation(join(store, `${key}-source`));
}

/**
 * @param {SetupContext} context
 * @param {Origin | "auto"} from
 */
async function install(context, from) {
  if (from !== "auto") return installers[from](context);
  const { store, key, progress, signal } = context;
  const failures = [];
  for (const origin of /** @type {const} */ (["path", "release", "source"])) {
    const ready = origin === "path" ? undefined : readInstallation(join(store, `${key}-${origin}`));
    if (ready !== undefined) return ready;
    try {
      return await installers[origin](context);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof SetupError)) throw error;
      failures.push(`--from ${origin}: ${error.message}`);
      progress.note(`--from ${origin} is not possible here. ${error.message}`);
      if (origin === "path") recordUnfit(context);
    }
  }
  throw new SetupError({
    tried: "Setting up Pulumi in every way there is.",
    why: failures.join("\n").replaceAll("\n", "\n  "),
    remedy: "One of the remedies above is enough; then run the same command again.",
  });
}

/**
 * @param {AbortSignal | undefined} signal
 * @returns {SetupContext}
 */
function createContext(signal) {
  const env = process.env;
  return {
    toolchainFolder,
    store: toolchainStore(env),
    key: hashPins(toolchainFolder),
    pins: loadPins(toolchainFolder),
    env,
    progress: new Progress(),
    ...(signal === undefined ? {} : { signal }),
  };
}

/**
 * Runs `work` with a signal that Ctrl-C aborts, and reports what the user can put right without a stack.
 * @param {(signal: AbortSignal) => Promise<void>} work
 */
export async function runInterruptibly(work) {
  const controller = new AbortController();
  const interrupt = () => {
    controller.abort(new Error("interrupted"));
  };
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    await work(controller.signal);
  } catch (error) {
    if (controller.signal.aborted) {
      process.stderr.write("Interrupted; nothing was left half-installed.\n");
      process.exitCode = 130;
      return;
    }
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    process.exitCode = 1;
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}

/** @param {AbortSignal} signal */
async function main(signal) {
  const { values } = parseArgs({
    options: {
      from: { type: "string", default: "auto" },
      "pin-releases": { type: "boolean" },
      prune: { type: "boolean" },
      where: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return void process.stdout.write(usage);
  if (values["pin-releases"]) return (await import("./from-release.mjs")).pinReleases(createContext(signal));
  const installation = await setUp({ from: parseOrigin(values.from), signal });
  if (values.prune) prune();
  if (values.where) process.stdout.write(`${dirname(dirname(installation.pulumi))}\n`);
  else process.stderr.write(`Pulumi ${installation.version} (${installation.from}) is ready.\n`);
}

/** @param {string} value @returns {Origin | "auto"} */
function parseOrigin(value) {
  if (value === "auto" || value === "path" || value === "release" || value === "source") return value;
  throw new SetupError({
    tried: `Reading --from ${value}.`,
    why: "There is no such way to set up.",
    remedy: "Give auto, path, release or source.",
  });
}

function prune() {
  const { store, key, progress } = createContext(undefined);
  for (const folder of otherInstallations(store, key)) {
    progress.note(`Removing ${folder} (${(folderSize(folder) / 1e6).toFixed(0)} MB)`);
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runInterruptibly(main);
