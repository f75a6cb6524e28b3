import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Script } from "node:vm";
import { mapStack, useSourceMap } from "./map-stack.mjs";

/**
 * Runs a bundle with the compiled code that its first run has left, if this Node accepts it: compiling megabytes takes longer
 * than running them. Returns what the bundle exports.
 * @param {string} file as `bundle` returns it
 * @param {string} projectFolder where the sources of the bundle are
 * @returns {unknown}
 */
export function runCompiled(file, projectFolder) {
  const code = `${file}.${process.version}-${process.arch}.code`;
  const cachedData = existsSync(code) ? readFileSync(code) : undefined;
  // Like Node's own wrapper, in one line, so that line numbers are those of the file.
  const variables = "exports, require, module, __filename, __dirname, bundledPath, bundledUrl";
  const source = `(function (${variables}) { ${readFileSync(file, "utf8")}\n});`;
  const script = new Script(source, { filename: file, cachedData });
  useSourceMap(file, projectFolder);
  const run = /** @type {(...variables: readonly unknown[]) => void} */ (script.runInThisContext());
  if (cachedData === undefined || script.cachedDataRejected === true) {
    // At the end everything that was used is compiled.
    process.once("exit", () => {
      keep(code, script.createCachedData());
    });
  }
  const module = { exports: {} };
  /** @param {string} path */
  const bundledPath = (path) => join(projectFolder, path);
  /** @param {string} path */
  const bundledUrl = (path) => pathToFileURL(bundledPath(path)).href;
  run(module.exports, createRequire(file), module, file, dirname(file), bundledPath, bundledUrl);
  return module.exports;
}

/** Lets the stacks of this process name the lines of the sources instead of those of the bundle. */
export function mapStacks() {
  Error.prepareStackTrace = (error, frames) =>
    // eslint-disable-next-line @typescript-eslint/no-base-to-string -- a frame writes itself as V8 does
    mapStack([String(error), ...frames.map((frame) => `    at ${frame.toString()}`)].join("\n"));
}

/**
 * @param {string} code
 * @param {Buffer} compiled
 */
function keep(code, compiled) {
  try {
    const staged = `${code}-${String(process.pid)}`;
    writeFileSync(staged, compiled);
    renameSync(staged, code);
  } catch {
    // Without write access the next start compiles again.
  }
}
