import { ApiError } from "../api-error.ts";
import { callEndpoint } from "../perform.ts";
import { requireAgent } from "../qemu/agent.ts";
import { commandStatus, startCommand } from "../qemu/agent-exec.ts";
import { CommandError, type Call } from "../shell/machine.ts";
import { readOptions } from "../shell/options.ts";
import type { Site } from "./command-tree.ts";

const largestInput = 2 ** 20;

/** `qm guest exec VMID -- COMMAND`: whatever has become of the command, qm itself succeeds and prints it as JSON. */
export async function execInMachine(call: Call, site: Site): Promise<number> {
  const { world, node } = site;
  const end = call.args.indexOf("--");
  const [own, words] =
    end < 0 ? [call.args.slice(0, 1), call.args.slice(1)] : [call.args.slice(0, end), call.args.slice(end + 1)];
  const args = own.map((arg) => arg.replace(/^-(?=[a-z])/, "--"));
  const { given, operands } = readOptions(args, "", ["timeout=", "pass-stdin=", "synchronous="]);
  const synchronous = given.get("synchronous") !== "0";
  if (given.has("timeout") && !synchronous) {
    throw new ApiError(400, "Parameter verification failed.", { synchronous: "needs to be set for 'timeout'" });
  }
  const input = given.get("pass-stdin") === "1" ? await call.input.read() : undefined;
  if (input !== undefined && input.length > largestInput)
    throw new CommandError("'input-data' (STDIN) is limited to 1 MiB, aborting", 255);
  const vmid = Number(operands[0]);
  const pid = world.transaction(() => startCommand(world, requireAgent(world, node, vmid), words, input));
  if (!synchronous) {
    printAgentResult(call, { pid });
    return 0;
  }
  const seconds = Number(given.get("timeout") ?? 30);
  const ended = await endOf(call, site, vmid, { pid, seconds });
  if (!ended) call.err("timeout reached, returning pid\n");
  printAgentResult(call, ended ? commandStatus(requireAgent(world, node, vmid), pid) : { pid });
  return 0;
}

/** `qm guest exec-status VMID PID` */
export function showExecution(call: Call, { world, node }: Site): number {
  const [vmid, pid] = call.args;
  if (pid === undefined) throw new ApiError(400, "not enough arguments");
  printAgentResult(call, commandStatus(requireAgent(world, node, Number(vmid)), Number(pid)));
  return 0;
}

/** `qm agent VMID ping`, `qm guest cmd VMID get-osinfo` … */
export function askAgent(call: Call, { world, node }: Site): number {
  const [vmid = "", command] = call.args;
  if (command === undefined) throw new ApiError(400, "not enough arguments");
  const answer = callEndpoint(world, "POST /nodes/{node}/qemu/{vmid}/agent", { node, vmid, command });
  printAgentResult(call, (answer as { readonly result: unknown }).result);
  return 0;
}

/** Waits for a command as long as it may take; 0 seconds are without end. */
async function endOf(
  { machine }: Call,
  { world, node }: Site,
  vmid: number,
  { pid, seconds }: { readonly pid: number; readonly seconds: number },
): Promise<boolean> {
  const start = machine.now().getTime();
  const ended = () => commandStatus(requireAgent(world, node, vmid), pid).exited === 1;
  while (seconds === 0 || machine.now().getTime() - start < seconds * 1000) {
    // What takes no time by the machine's clock takes its rounds here, which no one should have to move that clock for.
    for (let round = 0; round < 50 && !ended(); round++) await new Promise((resolve) => setImmediate(resolve));
    if (ended()) return true;
    await machine.sleep(1);
  }
  return ended();
}

/** As PVE::CLI::qm prints what the agent says: an empty answer not at all, and what programs wrote as if it were Latin-1. */
function printAgentResult({ out }: Call, result: unknown): void {
  if (typeof result === "string" || typeof result === "number") {
    out(`${result}\n`);
    return;
  }
  if (typeof result !== "object" || result === null) return;
  if (!Array.isArray(result) && Object.keys(result).length === 0) return;
  out(`${printJson(result, "")}\n`);
}

/** Perl's JSON with `pretty` and `canonical`. */
function printJson(value: unknown, indent: string): string {
  const inner = `${indent}   `;
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    return `[\n${value.map((item) => inner + printJson(item, inner)).join(",\n")}\n${indent}]`;
  }
  if (typeof value === "string") return JSON.stringify(Buffer.from(value).toString("latin1"));
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return "{}";
  const lines = entries.map(([key, item]) => `${inner}${JSON.stringify(key)} : ${printJson(item, inner)}`);
  return `{\n${lines.join(",\n")}\n${indent}}`;
}
