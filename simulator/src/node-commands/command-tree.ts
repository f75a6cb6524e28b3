import { CommandError, type Call, type Program } from "../shell/machine.ts";
import type { EndpointKey } from "../api/facts.ts";
import type { World } from "../world.ts";
import { callEndpoint } from "../perform.ts";
import { taskEnd } from "./task-end.ts";
import { readCommandLine } from "./command-line.ts";
import { printResult } from "./text-table.ts";

/** Where a command runs. */
export interface Site {
  readonly world: World;
  readonly node: string;
}

/** A command that is an endpoint by another name. */
interface ApiCommand {
  readonly endpoint: EndpointKey;
  /** Parameters that are given by their place. */
  readonly operands?: readonly string[];
  /** Parameters that are always the same. */
  readonly fixed?: Readonly<Record<string, unknown>>;
  /** What is printed; nothing: what the endpoint returned is not told. */
  readonly show?: "result" | "nothing" | ((result: never, site: Site) => string);
  /** Which columns a table has, in which order. */
  readonly columns?: readonly string[];
}

/** A command that is more than an endpoint. */
type OwnCommand = (call: Call, site: Site) => number | undefined | Promise<number | undefined>;

/** The commands of one program by their words: `user token add`. */
export type CommandTree = Readonly<Record<string, ApiCommand | OwnCommand>>;

/** Makes a program of its commands. */
export function treeProgram(site: Site, tree: CommandTree): Program {
  return (call) => {
    for (let count = Math.min(3, call.args.length); count > 0; count--) {
      const name = call.args.slice(0, count).join(" ");
      const command = Object.hasOwn(tree, name) ? tree[name] : undefined;
      if (command === undefined) continue;
      const inner = { ...call, args: call.args.slice(count) };
      return typeof command === "function" ? command(inner, site) : runApiCommand(inner, site, command);
    }
    const words = [call.name, ...call.args.slice(0, 2)].join(" ");
    throw new CommandError(`the simulator does not know this command: ${words}`, 255);
  };
}

async function runApiCommand(call: Call, site: Site, command: ApiCommand): Promise<number> {
  const { endpoint, operands = [], fixed = {}, show = "nothing", columns } = command;
  const { world, node } = site;
  const { sent, own } = readCommandLine(endpoint, call.args, operands);
  const here = endpoint.includes("/{node}") ? { node } : {};
  const result = callEndpoint(world, endpoint, { ...here, ...fixed, ...sent });
  if (typeof result === "string" && result.startsWith("UPID:")) return followTask(call, world, result);
  if (show === "result") call.out(printResult(result, own, columns));
  else if (typeof show === "function")
    call.out(own["output-format"]?.startsWith("json") ? printResult(result, own) : show(result as never, site));
  return 0;
}

/** Waits for a task, and prints its log as a worker in the foreground does. */
export async function followTask(call: Call, world: World, upid: string): Promise<number> {
  const { log, exitstatus = "" } = await taskEnd(world, upid);
  for (const line of log) if (!line.startsWith("TASK ")) call.out(`${line}\n`);
  if (exitstatus === "OK" || exitstatus.startsWith("WARNINGS")) return 0;
  call.err(`${exitstatus}\n`);
  return 255;
}
