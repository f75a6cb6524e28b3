#!/usr/bin/env node
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.mjs";
import { mapStacks, runCompiled } from "./run-compiled.mjs";
import { runInterruptibly, setUp, setUpPackages } from "./setup.mjs";

// node toolchain/run.mjs [--packages-only | --no-setup] script.ts [arguments]: sets up what is missing, then runs a script of
// this project. The script decides what a signal means.
const projectFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const given = process.argv.slice(2);
const mode = given[0]?.startsWith("--") === true ? given.shift() : undefined;
const script = given.shift();
if (mode !== "--no-setup") {
  await runInterruptibly(async (signal) => {
    if (mode === "--packages-only") await setUpPackages(signal);
    else process.env["HOMELAB_TOOLCHAIN"] = JSON.stringify(await setUp({ signal }));
  });
}
if (process.exitCode === undefined && script !== undefined) {
  process.argv = [process.argv[0] ?? "node", script, ...given];
  mapStacks();
  runCompiled(await bundle(projectFolder, script), projectFolder);
}
