/** jq as it was compiled: each instance has a memory of its own. */
interface Instance {
  readonly raw: (input: string, filter: string, flags: readonly string[]) => Promise<string>;
}

/** A run leaves some of its memory behind, and after some 300 an instance has none left. */
const mostRuns = 100;

let current: { readonly instance: Promise<Instance>; runs: number } | undefined;

/**
 * Runs `jq` and returns what it prints.
 * @throws {Error} with what it prints on standard error
 */
export async function runJq(input: string, filter: string, flags: readonly string[]): Promise<string> {
  if (current === undefined || current.runs >= mostRuns) current = { instance: makeInstance(), runs: 0 };
  current.runs += 1;
  const instance = await current.instance;
  return instance.raw(input, filter, flags);
}

async function makeInstance(): Promise<Instance> {
  // It is large, and few guests ever run it. The package itself has one instance for good.
  const { default: create } = await import("jq-wasm/dist/build/jq.js");
  return (await create()) as Instance;
}
