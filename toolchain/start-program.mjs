import Module, { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.mjs";
import { makeErrorsReadable } from "./readable-errors.mjs";
import { runCompiled } from "./run-compiled.mjs";

// Pulumi's language host starts Node with `nodeargs` of Pulumi.yaml, which load this file, and with `@pulumi/pulumi/cmd/run`,
// which loads the program. Both the SDK and the program come from one bundle with compiled code: loading them module by module
// takes a second of each preview. The bundle runs here, and Node finds `cmd/run` loaded already. What Node starts with the same
// arguments besides, such as a provider in TypeScript, runs as it would without this file.
const [, main = ""] = process.argv;
const run = findRun(main);
if (run !== undefined) {
  const projectFolder = dirname(dirname(fileURLToPath(import.meta.url)));
  const file = await bundle(projectFolder, "src/start.ts");
  const loaded = new Module(run);
  Object.assign(loaded, { filename: run, loaded: true });
  createRequire(import.meta.url).cache[run] = loaded;
  runCompiled(file, projectFolder);
  makeErrorsReadable();
}

/**
 * Tells which file Node is about to run, if that is Pulumi's `cmd/run`.
 * @param {string} started
 */
function findRun(started) {
  if (!/@pulumi[/\\]pulumi[/\\]cmd[/\\]run(?:[/\\](?:index(?:\.js)?)?)?$/.test(started)) return undefined;
  return createRequire(import.meta.url).resolve(started);
}
