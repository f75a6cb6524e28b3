import { ApiError } from "../api-error.ts";
import type { Call } from "../shell/machine.ts";
import { callEndpoint, findEndpoint } from "../perform.ts";
import { readCommandLine } from "./command-line.ts";
import { followTask, type CommandTree, type Site } from "./command-tree.ts";
import { printResult } from "./text-table.ts";

/** `pvesh`: the API on the command line. */
export const pveshCommands: CommandTree = {
  create: (call, site) => request("POST", call, site),
  delete: (call, site) => request("DELETE", call, site),
  get: (call, site) => request("GET", call, site),
  set: (call, site) => request("PUT", call, site),
};

async function request(method: string, call: Call, { world }: Site): Promise<number> {
  const [path = "", ...args] = call.args;
  const found = findEndpoint(method, path);
  if (found === undefined) throw new ApiError(500, `No '${method.toLowerCase()}' handler defined for '${path}'`);
  const { sent, own } = readCommandLine(found.key, args, []);
  const result = callEndpoint(world, found.key, { ...found.inPath, ...sent });
  if (typeof result !== "string" || !result.startsWith("UPID:")) call.out(printResult(result, own));
  else {
    const status = await followTask(call, world, result);
    if (status !== 0) return status;
    call.out(printResult(result, own));
  }
  return 0;
}
