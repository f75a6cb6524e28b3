import { inspect } from "node:util";
import { mapStack } from "./map-stack.mjs";

/**
 * Lets an unexpected error of the Pulumi program name lines of our TypeScript. Pulumi's own mapping of stack traces knows only
 * the modules that it has loaded itself, and runs for each promise of the SDK; this one runs when an error is printed.
 *
 * Pulumi prints such an error with `util.inspect`. On frames like `node_modules/@pulumi/resource.ts`, as its own source maps
 * write them, Node 20 runs out of memory for half a minute before it gives up.
 */
export function makeErrorsReadable() {
  Reflect.deleteProperty(Error, "prepareStackTrace");
  Object.defineProperty(Error.prototype, inspect.custom, {
    configurable: true,
    /** @this {Error} @param {number} _depth @param {object} options */
    value(_depth, options) {
      const text = mapStack(this.stack ?? this.message);
      return this.cause === undefined ? text : `${text}\nCaused by: ${inspect(this.cause, options)}`;
    },
  });
}
