import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** What decides the bundle besides the sources: a package's files change with the lock file only. */
const alsoDeciding = ["package-lock.json", "tsconfig.json", "toolchain/bundle.mjs"];

/** These read files of their own beside them. */
const notBundled = ["ssh2", "jq-wasm"];

/**
 * Makes one file of a script with all that it imports, and returns where it is: hundreds of modules that are found, compiled
 * and linked one by one take most of the time that a program needs to start. It is made again when a source has changed.
 * @param {string} projectFolder
 * @param {string} script relative to the project
 */
export async function bundle(projectFolder, script) {
  const name = script.replaceAll("/", "-").replace(/\.ts$/, ".cjs");
  const file = join(projectFolder, "node_modules/.cache/proxmox-homelab", name);
  if (!isFresh(file)) await make(projectFolder, script, file);
  return file;
}

/**
 * Beside a bundle it is told what each source was like, and the bundle itself.
 * @param {string} file
 */
function isFresh(file) {
  try {
    /** @type {Record<string, string>} */
    const sources = JSON.parse(readFileSync(sourcesOf(file), "utf8"));
    return Object.entries(sources).every(([source, version]) => versionOf(source) === version);
  } catch {
    return false;
  }
}

/**
 * @param {string} projectFolder
 * @param {string} script
 * @param {string} file
 */
async function make(projectFolder, script, file) {
  const started = Date.now();
  // Loaded when needed only, and not before the packages are there.
  const { build } = await import("esbuild");
  const { outputFiles, metafile } = await build({
    absWorkingDir: projectFolder,
    entryPoints: [script],
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    // Node keeps compiled code of such files only.
    format: "cjs",
    target: "node20",
    external: notBundled,
    plugins: [keepPlaces],
  });
  const own = Object.keys(metafile.inputs).filter((input) => !input.startsWith("node_modules/"));
  const sources = [...own, ...alsoDeciding].map((source) => {
    const path = resolve(projectFolder, source);
    // What was edited in the meantime may be in it or not.
    return [path, statSync(path).mtimeMs < started ? versionOf(path) : "edited while it was bundled"];
  });
  mkdirSync(dirname(file), { recursive: true });
  for (const old of readdirSync(dirname(file)).filter((name) => name.startsWith(`${basename(file)}.`)))
    rmSync(join(dirname(file), old), { force: true });
  replaceFile(file, outputFiles[0]?.text ?? "");
  replaceFile(sourcesOf(file), JSON.stringify(Object.fromEntries([...sources, [file, versionOf(file)]])));
}

/** @param {string} file */
function sourcesOf(file) {
  return `${file}.sources`;
}

/**
 * @param {string} file
 * @param {string} text
 */
function replaceFile(file, text) {
  const staged = join(dirname(file), `.${basename(file)}-${String(process.pid)}`);
  writeFileSync(staged, text);
  renameSync(staged, file);
}

/** @param {string} file */
function versionOf(file) {
  const { size, mtimeMs } = statSync(file);
  return `${String(size)} bytes of ${String(mtimeMs)}`;
}

/**
 * Lets sources find the files beside them from inside of the bundle, too.
 * @type {import("esbuild").Plugin}
 */
const keepPlaces = {
  name: "keep-places",
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      loader: "ts",
      contents: readFileSync(path, "utf8")
        .replaceAll("import.meta.dirname", JSON.stringify(dirname(path)))
        .replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href)),
    }));
  },
};
