import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { patchSdk } from "./sdk-patches.mjs";

/** The folders that a script may import from, by the folder that it is in itself. */
const importable = /** @type {Record<string, readonly string[]>} */ ({
  src: ["src"],
  simulator: ["simulator/src", "simulator/bench"],
  scripts: ["scripts", "src", "simulator/src"],
});

/** Files that decide a bundle besides the sources. */
const alsoDeciding = [
  "node_modules/.package-lock.json",
  "tsconfig.json",
  "toolchain/bundle.mjs",
  "toolchain/sdk-patches.mjs",
];

/** Packages that read files of their own beside them, or that are found at run time. */
const notBundled = ["ssh2", "jq-wasm", "esbuild", "prettier", "ts-node"];

/** Packages that Pulumi's SDK loads at each start and uses to serialize functions only, which takes half a second. */
const loadedOnUse = /^(?:@npmcli\/arborist|typescript)$/;

/** How many bundles of a script are kept: other checkouts with the same packages may use theirs at the same time. */
const kept = 4;

/**
 * Bundles a script with everything it imports into one CommonJS file and returns the path of that file: finding, compiling and
 * linking hundreds of modules one by one takes most of the time that a program needs to start. The file's name has a hash of
 * all sources, so that an edited source makes a new bundle, and checkouts with the same sources share one. Beside it is its
 * source map. `runCompiled` runs it.
 * @param {string} projectFolder
 * @param {string} script relative to the project
 */
export async function bundle(projectFolder, script) {
  const folder = join(projectFolder, "node_modules/.cache/proxmox-homelab");
  const name = script.replaceAll("/", "-").replace(/\.ts$/, "");
  for (;;) {
    const hash = hashSources(projectFolder, script);
    const file = join(folder, `${name}-${hash}.cjs`);
    if (existsSync(file)) return file;
    await make(projectFolder, script, file);
    // An edit during the build may be in the bundle or not.
    if (hashSources(projectFolder, script) !== hash) {
      rmSync(file);
      continue;
    }
    removeOld(folder, name);
    return file;
  }
}

/**
 * @param {string} projectFolder
 * @param {string} script
 */
function hashSources(projectFolder, script) {
  const hash = createHash("sha256").update(script);
  const [top = ""] = script.split("/");
  const sources = (importable[top] ?? []).flatMap((folder) => listFiles(projectFolder, folder));
  for (const file of [...alsoDeciding, ...sources]) {
    const path = join(projectFolder, file);
    hash.update(`\0${file}\0`);
    if (existsSync(path)) hash.update(readFileSync(path));
  }
  return hash.digest("hex").slice(0, 16);
}

/**
 * @param {string} projectFolder
 * @param {string} folder
 * @returns {string[]}
 */
function listFiles(projectFolder, folder) {
  const path = join(projectFolder, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(projectFolder, join(entry.parentPath, entry.name)))
    .sort();
}

/**
 * @param {string} projectFolder
 * @param {string} script
 * @param {string} file
 */
async function make(projectFolder, script, file) {
  // Imported here: esbuild takes a while to load, and its package may not be installed before setup has run.
  const { build } = await import("esbuild");
  const { outputFiles, metafile, warnings } = await build({
    absWorkingDir: projectFolder,
    entryPoints: [script],
    outfile: file,
    bundle: true,
    write: false,
    metafile: true,
    sourcemap: "external",
    sourcesContent: false,
    platform: "node",
    // Node keeps compiled code of such files only.
    format: "cjs",
    target: "node20",
    // Becomes `require`: compiled code that was kept cannot import.
    supported: { "dynamic-import": false },
    external: notBundled,
    alias: { "@proxmox-homelab/simulator": "./simulator/src/simulator.ts" },
    // A copy of the project links to folders of its checkout.
    preserveSymlinks: true,
    logLevel: "error",
    plugins: [keepPlaces(projectFolder), patchSdk(join(projectFolder, "src/index.ts")), loadOnUse],
  });
  const [lost] = warnings.filter(({ id }) => id === "empty-import-meta");
  if (lost !== undefined) {
    throw new Error(
      `${script} needs ${String(lost.location?.file)}, which reads import.meta. Add its package to \`notBundled\` in toolchain/bundle.mjs.`,
    );
  }
  refuseForeignSources(script, Object.keys(metafile.inputs));
  mkdirSync(dirname(file), { recursive: true });
  for (const { path, contents } of outputFiles) if (path.endsWith(".map")) replaceFile(path, contents);
  for (const { path, contents } of outputFiles) if (path === file) replaceFile(path, contents);
}

/**
 * A source outside of the hashed folders would be used in its old version for ever.
 * @param {string} script
 * @param {readonly string[]} inputs
 */
function refuseForeignSources(script, inputs) {
  const [top = ""] = script.split("/");
  const folders = importable[top] ?? [];
  const foreign = inputs.filter(
    (input) =>
      !/(?:^|\/)node_modules\/|^load-on-use:/.test(input) && !folders.some((folder) => input.startsWith(`${folder}/`)),
  );
  if (foreign.length === 0) return;
  throw new Error(
    `${script} imports ${foreign.join(", ")}, and a bundle of ${top}/ may only import from ${folders.join(", ")}. ` +
      "Add the folder to `importable` in toolchain/bundle.mjs.",
  );
}

/**
 * @param {string} folder
 * @param {string} name
 */
function removeOld(folder, name) {
  const bundles = readdirSync(folder)
    .filter((file) => new RegExp(`^${name}-[0-9a-f]{16}\\.cjs$`).test(file))
    .map((file) => ({ file, made: statSync(join(folder, file)).mtimeMs }))
    .sort((a, b) => b.made - a.made);
  for (const { file } of bundles.slice(kept)) {
    for (const part of readdirSync(folder).filter((other) => other.startsWith(file)))
      rmSync(join(folder, part), { force: true });
  }
}

/**
 * @param {string} file
 * @param {Uint8Array} contents
 */
function replaceFile(file, contents) {
  const staged = join(dirname(file), `.${basename(file)}-${String(process.pid)}`);
  writeFileSync(staged, contents);
  renameSync(staged, file);
}

/**
 * Lets sources find the files beside them: `runCompiled` says where the project is, which is not part of the bundle.
 * @param {string} projectFolder
 * @returns {import("esbuild").Plugin}
 */
function keepPlaces(projectFolder) {
  return {
    name: "keep-places",
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const place = relative(projectFolder, path);
        return {
          loader: "ts",
          contents: readFileSync(path, "utf8")
            .replaceAll("import.meta.filename", `bundledPath(${JSON.stringify(place)})`)
            .replaceAll("import.meta.dirname", `bundledPath(${JSON.stringify(dirname(place))})`)
            .replaceAll("import.meta.url", `bundledUrl(${JSON.stringify(place)})`),
        };
      });
    },
  };
}

/** @type {import("esbuild").Plugin} */
const loadOnUse = {
  name: "load-on-use",
  setup(build) {
    build.onResolve({ filter: loadedOnUse }, ({ path, namespace }) =>
      namespace === "load-on-use" ? { path, external: true } : { path, namespace: "load-on-use" },
    );
    build.onLoad({ filter: /.*/, namespace: "load-on-use" }, ({ path }) => ({
      contents: `module.exports = new Proxy({ __esModule: true }, { get: (own, name) => own[name] ?? require(${JSON.stringify(path)})[name] });`,
      resolveDir: build.initialOptions.absWorkingDir ?? "",
    }));
  },
};
