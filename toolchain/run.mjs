#!/usr/bin/env node
import { spawn } from "node:child_process";
import { runInterruptibly, setUp, setUpPackages } from "./setup.mjs";

// node toolchain/run.mjs [--packages-only] script.ts [arguments]: sets up what is missing, then runs a script of this project.
const packagesOnly = process.argv[2] === "--packages-only";
const [script, ...args] = process.argv.slice(packagesOnly ? 3 : 2);
await runInterruptibly(async (signal) => {
  if (packagesOnly) await setUpPackages(signal);
  else process.env["HOMELAB_TOOLCHAIN"] = JSON.stringify(await setUp({ signal }));
});
if (process.exitCode === undefined && script !== undefined) runScript(script);

/** @param {string} file */
function runScript(file) {
  const child = spawn(process.execPath, ["--import", "tsx", file, ...args], { stdio: "inherit" });
  // The script decides what a signal means; this process only passes it on and waits.
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => child.kill(signal));
  }
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? (signal === "SIGINT" ? 130 : 1);
  });
}
