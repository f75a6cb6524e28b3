import { inspect } from "node:util";

// Pulumi's runtime installs its own mapping of stack traces, which knows nothing of the maps that tsx makes:
// without it Node's own applies, and a trace names the right line of our TypeScript.
Reflect.deleteProperty(Error, "prepareStackTrace");

// Pulumi prints an unexpected error with util.inspect. On frames like `node_modules/@pulumi/resource.ts`, as its own
// source maps write them, that runs out of memory for half a minute in Node 20 before it gives up.
Object.defineProperty(Error.prototype, inspect.custom, {
  configurable: true,
  value(this: Error, _depth: number, options: object): string {
    const text = this.stack ?? this.message;
    return this.cause === undefined ? text : `${text}\nCaused by: ${inspect(this.cause, options)}`;
  },
});
