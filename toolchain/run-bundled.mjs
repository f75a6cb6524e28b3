#!/usr/bin/env node
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.mjs";
import { runCompiled } from "./run-compiled.mjs";
import { runInterruptibly, setUpPackages } from "./setup.mjs";

// node toolchain/run-bundled.mjs script.ts [arguments]: for a program that shall start quickly; sets up packages only.
const projectFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const [script = ""] = process.argv.splice(2, 1);
await runInterruptibly(setUpPackages);
if (process.exitCode === undefined) runCompiled(await bundle(projectFolder, script));
