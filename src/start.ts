// The entry of the bundle that toolchain/start-program.mjs runs: Pulumi's own start of a program, which then loads src/index.ts.
import "@pulumi/pulumi/cmd/run/index.js";
import "./end-with-engine.ts";
