import { setFlagsFromString } from "node:v8";

/**
 * Lets Node collect garbage early from now on, which keeps memory at two thirds. Set when the simulator is ready only: before,
 * it takes a fifth of the time until then.
 */
export function saveMemory(): void {
  setFlagsFromString("--optimize-for-size");
  // Compiled code that is kept at the end is taken by a Node with the same flags only. The first of these has set the second.
  process.prependOnceListener("exit", () => {
    setFlagsFromString("--no-optimize-for-size");
    setFlagsFromString("--max-semi-space-size=0");
  });
}
