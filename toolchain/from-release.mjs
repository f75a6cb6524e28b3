import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { downloadFile } from "./download.mjs";
import { installPlugin, pluginFolders } from "./from-path.mjs";
import { stageInstallation } from "./installation.mjs";
import { runCommand } from "./run-command.mjs";
import { SetupError } from "./setup-error.mjs";

/** @typedef {import("./setup.mjs").SetupContext} SetupContext */

/** The platforms that Pulumi releases for and that this project runs on (on Windows: inside WSL). */
const platforms = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"];

/**
 * Installs the official release archive, checked against the pinned SHA-256, and the official plugins.
 * @param {SetupContext} context
 */
export async function installFromRelease(context) {
  const { store, key, pins, progress } = context;
  const platform = `${process.platform}-${process.arch}`;
  const expected = pins.pulumi.sha256[platform];
  if (expected === undefined) throw unpinned(platform);
  return stageInstallation(join(store, `${key}-release`), async (staging) => {
    const bin = join(staging, "bin");
    const home = join(staging, "home");
    mkdirSync(bin);
    mkdirSync(home);
    await progress.step(`Pulumi ${pins.pulumi.version} for ${platform}`, (doing) =>
      unpackRelease(context, { platform, expected, bin, doing }),
    );
    const pulumi = join(bin, "pulumi");
    for (const [name, { version, server }] of Object.entries(pins.plugins)) {
      const env = { ...context.env, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" };
      await progress.step(`plugin ${name} ${version}`, (doing) =>
        installPlugin({ pulumi, name, version, server, env, signal: context.signal, doing }),
      );
    }
    return { from: "release", version: pins.pulumi.version, pulumi, home, plugins: pluginFolders(pins, home) };
  });
}

/**
 * Reads the official checksums of the pinned release and writes them into pins.json, for review and commit.
 * @param {SetupContext & { toolchainFolder: string }} context
 */
export async function pinReleases({ toolchainFolder, pins, progress, signal, store }) {
  const url = pins.pulumi.checksums.replaceAll("{version}", pins.pulumi.version);
  mkdirSync(store, { recursive: true });
  const file = join(store, `checksums-${String(process.pid)}.txt`);
  try {
    await progress.step(`checksums of Pulumi ${pins.pulumi.version}`, (doing) =>
      downloadFile(url, file, { signal, doing }),
    );
    const published = readFileSync(file, "utf8");
    for (const platform of platforms)
      pins.pulumi.sha256[platform] = findChecksum(published, pins.pulumi.version, platform);
  } finally {
    rmSync(file, { force: true });
  }
  writeFileSync(join(toolchainFolder, "pins.json"), `${JSON.stringify(pins, null, 2)}\n`);
}

/**
 * @param {SetupContext} context
 * @param {{ platform: string, expected: string, bin: string, doing: (what: string) => void }} release
 */
async function unpackRelease({ pins, signal }, { platform, expected, bin, doing }) {
  const archive = join(bin, "pulumi.tar.gz");
  const failures = [];
  for (const template of pins.pulumi.downloads) {
    const url = template.replaceAll("{version}", pins.pulumi.version).replaceAll("{platform}", platform);
    try {
      const actual = await downloadFile(url, archive, { signal, doing });
      if (actual !== expected) throw wrongChecksum(url, expected, actual);
      doing("unpacking");
      await runCommand(
        "tar",
        ["-xzf", archive, "-C", bin, "--strip-components=1"],
        signal === undefined ? {} : { signal },
      );
      return;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof SetupError) throw error;
      failures.push(describeFailure(url, error));
    } finally {
      rmSync(archive, { force: true });
    }
  }
  throw new SetupError({
    tried: `Downloading Pulumi ${pins.pulumi.version} for ${platform}.`,
    why: failures.join("\n       "),
    remedy: "Check the network or the proxy, or build from source (needs Go): npm run setup -- --from source",
  });
}

/**
 * @param {string} url
 * @param {unknown} error
 */
function describeFailure(url, error) {
  const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : "";
  return `${url}: ${error instanceof Error ? error.message : String(error)}${cause}`;
}

/**
 * @param {string} published
 * @param {string} version
 * @param {string} platform
 */
function findChecksum(published, version, platform) {
  const archive = `pulumi-v${version}-${platform}.tar.gz`;
  const line = published.split("\n").find((candidate) => candidate.trim().endsWith(archive));
  const checksum = /^[0-9a-f]{64}\b/.exec(line ?? "")?.[0];
  if (checksum !== undefined) return checksum;
  throw new SetupError({
    tried: "Reading the official checksums.",
    why: `They have no line for ${archive}.`,
    remedy: "Check pulumi.version in toolchain/pins.json.",
  });
}

/** @param {string} platform */
function unpinned(platform) {
  const known = platforms.includes(platform);
  return new SetupError({
    tried: `Installing the official release for ${platform}.`,
    why: known ? "toolchain/pins.json has no SHA-256 for it yet." : "Pulumi publishes no release for this platform.",
    remedy: known
      ? "Record the official checksums once with npm run setup -- --pin-releases, review and commit them; or have pulumi on PATH."
      : "Build from source: npm run setup -- --from source. On Windows, work inside WSL.",
  });
}

/**
 * @param {string} url
 * @param {string} expected
 * @param {string} actual
 */
function wrongChecksum(url, expected, actual) {
  return new SetupError({
    tried: `Checking ${url}.`,
    why: `Its SHA-256 is ${actual}; pinned is ${expected}.`,
    remedy: "Do not use this archive. Try again from another network; if it stays so, report it.",
  });
}
