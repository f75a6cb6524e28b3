import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { Script } from "node:vm";

/**
 * Runs a script in CommonJS with the compiled code that its first run has left, as far as this Node takes it: to compile
 * megabytes takes longer than all that they do at first.
 * @param {string} file
 */
export function runCompiled(file) {
  // V8 knows a source by its length only.
  const code = `${file}.${String(statSync(file).mtimeMs)}.code`;
  const cachedData = readIfThere(code);
  // Like Node's own, in one line: messages tell the file's own lines.
  const source = `(function (exports, require, module, __filename, __dirname) { ${readFileSync(file, "utf8")}\n});`;
  const script = new Script(source, { filename: file, cachedData });
  const run = /** @type {(...variables: readonly unknown[]) => void} */ (script.runInThisContext());
  if (cachedData === undefined || script.cachedDataRejected === true) {
    // At the end all that was used is compiled.
    process.once("exit", () => {
      keep(code, script.createCachedData());
    });
  }
  const module = { exports: {} };
  run(module.exports, createRequire(file), module, file, dirname(file));
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
    // Whoever may not write there goes without.
  }
}

/** @param {string} file */
function readIfThere(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
