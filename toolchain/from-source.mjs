import { copyFileSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { pluginFolders } from "./from-path.mjs";
import { stageInstallation } from "./installation.mjs";
import { compareVersions } from "./pins.mjs";
import { formatSeconds } from "./progress.mjs";
import { runCommand } from "./run-command.mjs";
import { SetupError } from "./setup-error.mjs";

/**
 * @typedef {import("./setup.mjs").SetupContext} SetupContext
 *
 * @typedef {object} Binary One program that is built from its own Go module below the toolchain folder.
 * @property {string} name
 * @property {string} module folder of the module
 * @property {string} main package to build
 * @property {string} output
 * @property {string} [version] linker setting that stamps the version
 * @property {string} [schemaFolder] where the built plugin writes its schema
 */

/**
 * Builds the engine, the language host and both plugins from pinned Go modules.
 * @param {SetupContext & { toolchainFolder: string }} context
 */
export async function installFromSource(context) {
  const { toolchainFolder, store, key, pins, progress } = context;
  const env = goEnvironment(context.env);
  await checkGo(context, env);
  progress.note(
    "Building Pulumi from source: about 10 minutes on two cores the first time, and about 4 GB of Go's caches.",
  );
  return stageInstallation(join(store, `${key}-source`), async (staging) => {
    const home = join(staging, "home");
    const plugins = pluginFolders(pins, home);
    mkdirSync(join(staging, "bin"));
    for (const folder of Object.values(plugins)) mkdirSync(folder, { recursive: true });
    /** @type {Record<string, { seconds: number, bytes: number }>} */
    const built = {};
    for (const binary of binaries(pins, staging, plugins)) {
      built[binary.name] = await buildBinary(binary, { ...context, toolchainFolder, env });
    }
    copyFileSync(
      join(toolchainFolder, "language-nodejs/pulumi-language-nodejs.sh"),
      join(staging, "bin/pulumi-language-nodejs"),
    );
    const seconds = Object.values(built).reduce((sum, binary) => sum + binary.seconds, 0);
    progress.note(`Built in ${formatSeconds(seconds)}.`);
    return { from: "source", version: pins.pulumi.version, pulumi: join(staging, "bin/pulumi"), home, plugins, built };
  });
}

/**
 * @param {import("./pins.mjs").Pins} pins
 * @param {string} staging
 * @param {Record<string, string>} plugins
 * @returns {Binary[]}
 */
function binaries(pins, staging, plugins) {
  const engineModule = "github.com/pulumi/pulumi/pkg/v3";
  return [
    {
      name: "pulumi",
      module: "engine",
      main: `${engineModule}/cmd/pulumi`,
      output: join(staging, "bin/pulumi"),
      version: `github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${pins.pulumi.version}`,
    },
    {
      name: "pulumi-language-nodejs",
      module: "language-nodejs",
      main: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
      output: join(staging, "bin/pulumi-language-nodejs-3.40"),
    },
    ...Object.entries(plugins).map(([name, folder]) => ({
      name: `pulumi-resource-${name}`,
      module: name,
      main: ".",
      output: join(folder, `pulumi-resource-${name}`),
      version: `main.version=${pins.plugins[name]?.version ?? ""}`,
      schemaFolder: folder,
    })),
  ];
}

/**
 * @param {Binary} binary
 * @param {SetupContext & { toolchainFolder: string }} context
 */
async function buildBinary({ name, module, main, output, version, schemaFolder }, context) {
  const { toolchainFolder, env, progress, signal } = context;
  const stamp = version === undefined ? [] : ["-X", version];
  const options = { cwd: join(toolchainFolder, module), env, ...(signal === undefined ? {} : { signal }) };
  const { seconds } = await progress.step(name, async (doing) => {
    let packages = 0;
    try {
      await runCommand("go", ["build", "-v", "-o", output, "-ldflags", ["-s", "-w", ...stamp].join(" "), main], {
        ...options,
        onLine: (line) => {
          doing(line.startsWith("go: ") ? line.slice(4) : `compiling package ${String(++packages)}, ${line}`);
        },
      });
      if (schemaFolder !== undefined) {
        doing("writing its schema");
        await runCommand(output, ["--write-schema", schemaFolder], options);
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw new SetupError({
        tried: `Building ${name} from ${join("toolchain", module)} with Go.`,
        why: error instanceof Error ? error.message : String(error),
        remedy:
          "If a module could not be fetched, check that the Go module proxy can be reached (go env GOPROXY); else report it.",
        cause: error,
      });
    }
  });
  return { seconds: Math.round(seconds * 10) / 10, bytes: statSync(output).size };
}

/**
 * Fixes what decides the result; proxies and caches stay the user's.
 * @param {NodeJS.ProcessEnv} env
 */
function goEnvironment(env) {
  return { ...env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly -trimpath -buildvcs=false", GOWORK: "off" };
}

/**
 * @param {SetupContext & { toolchainFolder: string }} context
 * @param {NodeJS.ProcessEnv} env
 */
async function checkGo({ toolchainFolder, pins, signal }, env) {
  const remedy = `Install Go ${pins.go.minimum} or newer (https://go.dev/dl/), or install Pulumi (https://www.pulumi.com/docs/install/).`;
  let printed;
  try {
    printed = await runCommand("go", ["env", "GOVERSION"], {
      cwd: join(toolchainFolder, "engine"),
      env,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    signal?.throwIfAborted();
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const why = missing ? "There is no go on PATH." : error instanceof Error ? error.message : String(error);
    throw new SetupError({ tried: "Building from source with Go.", why, remedy, cause: error });
  }
  const version = printed.trim().replace(/^go/, "");
  if (compareVersions(version, pins.go.minimum) < 0) {
    throw new SetupError({
      tried: "Building from source with Go.",
      why: `go on PATH is ${version}; needed is at least ${pins.go.minimum}.`,
      remedy,
    });
  }
}
