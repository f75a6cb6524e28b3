import { readFileSync } from "node:fs";
import { sep } from "node:path";

/**
 * Lines of Pulumi's SDK that the bundle of the program has in another form. Each must occur exactly once, so that a new version
 * of the SDK that is written differently fails when it is bundled.
 * @type {readonly { file: string, line: string, replacement: string }[]}
 */
const patches = [
  {
    // The program comes from the bundle, not from the file that `main` of Pulumi.yaml names.
    file: "cmd/run/run.js",
    line: `const dynamicImport = (0, eval)("u=>import(u)");`,
    replacement: `const dynamicImport = () => import("bundled-program");`,
  },
  {
    // The stack of each promise serves PULUMI_DEBUG_PROMISE_LEAKS only, and takes a tenth of a preview's processor time.
    file: "runtime/debuggable.js",
    line: `Object.defineProperty(p, "_debugStackTrace", { writable: true, value: new Error().stack });`,
    replacement: "",
  },
  {
    // Where a resource was constructed would be a line of the bundle, in the state and in Pulumi Cloud.
    file: "resource.js",
    line: "const stackTraceLimit = Error.stackTraceLimit;",
    replacement: "return [];",
  },
  {
    // An inspector session is for serializing functions, and slows everything else down.
    file: "runtime/closure/v8Hooks.js",
    line: "    await getSession();",
    replacement: "",
  },
];

/**
 * Applies the patches while the program is bundled.
 * @param {string} program the module that exports the program
 * @returns {import("esbuild").Plugin}
 */
export function patchSdk(program) {
  return {
    name: "patch-sdk",
    setup(build) {
      build.onResolve({ filter: /^bundled-program$/ }, () => ({ path: program }));
      build.onLoad({ filter: /@pulumi[/\\]pulumi[/\\].*\.js$/ }, ({ path }) => {
        const own = patches.filter(({ file }) => path.endsWith(`@pulumi/pulumi/${file}`.replaceAll("/", sep)));
        if (own.length === 0) return undefined;
        return { loader: "js", contents: own.reduce(apply, readFileSync(path, "utf8")) };
      });
    },
  };
}

/**
 * @param {string} text
 * @param {(typeof patches)[number]} patch
 */
function apply(text, { file, line, replacement }) {
  const parts = text.split(line);
  if (parts.length === 2) return parts.join(replacement);
  throw new Error(
    `@pulumi/pulumi/${file} has the line «${line.trim()}» ${String(parts.length - 1)} times, and toolchain/sdk-patches.mjs ` +
      "replaces it once. Compare the new version of the SDK with that patch.",
  );
}
