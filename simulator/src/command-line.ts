import { parseArgs } from "node:util";
import { parseFault, type Fault } from "./faults.ts";
import { messageOf, StartError } from "./start-error.ts";

/** What `--help` prints. */
export const usage = `Simulates a Proxmox VE cluster on 127.0.0.1, until Ctrl-C.

npm run simulator -- [options]

  --port PORT        port to listen on (default 8006; 0: any free one)
  --print text|json  how to print where it is and with which credentials (default text)
  --seed FILE        what the cluster is at first, as YAML or JSON (default: two nodes, no guests;
                     an example is in simulator/examples)
  --state DIR        keep the cluster in this folder, and go on with what is in it
  --speed instant|real|N
                     whether tasks take no time, the time that they take on a small node,
                     or an Nth of it (default instant)
  --fault 'METHOD PATH WHAT [×N]'
                     let requests fail, as often as given; WHAT is STATUS [MESSAGE], hang, delay SECONDS,
                     drop, drop after or task MESSAGE; PATH may have * and **; may be repeated
  --incident 'WHAT'  let something happen at the start: disk NODE DEVICE dies, node NODE fails,
                     storage NAME offline [on NODE], guest VMID set NAME VALUE, guest VMID stopped,
                     unit NAME in VMID fails to reload: MESSAGE …; may be repeated
  --directory DIR    where to write the certificate authority (default: the folder of --state, or else
                     a temporary one)
  --verbose          print each request
  --help

The page at / shows the cluster, and lets faults and incidents happen while it runs.
`;

/** What the command line asks for. */
export interface CommandLine {
  readonly port: number;
  readonly print: "text" | "json";
  readonly seed: string | undefined;
  readonly state: string | undefined;
  /** How many times faster than a small node; Infinity: tasks take no time. */
  readonly speed: number;
  readonly faults: readonly Fault[];
  readonly incidents: readonly string[];
  readonly directory: string | undefined;
  readonly verbose: boolean;
  readonly help: boolean;
}

const options = {
  port: { type: "string", default: "8006" },
  print: { type: "string", default: "text" },
  seed: { type: "string" },
  state: { type: "string" },
  speed: { type: "string", default: "instant" },
  fault: { type: "string", multiple: true, default: [] as string[] },
  incident: { type: "string", multiple: true, default: [] as string[] },
  directory: { type: "string" },
  verbose: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/**
 * Reads the command line.
 * @throws {StartError} that says what is wrong with it
 */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { port, print, speed, fault, incident, ...rest } = readOptions(args);
  return {
    seed: undefined,
    state: undefined,
    directory: undefined,
    ...rest,
    port: parsePort(port),
    print: parsePrint(print),
    speed: parseSpeed(speed),
    faults: fault.map(parseFaultOption),
    incidents: incident,
  };
}

function readOptions(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    // Node's messages go on with advice for those who write the program.
    const [problem = ""] = messageOf(error).split(/\. |\n/);
    throw new StartError("The command line", `${problem.replace(/\.$/, "")}.`, "See --help for what there is.");
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new StartError(
    `--port ${text}`,
    "This is not a port.",
    "Give a number from 1 to 65535, or 0 for any port that is free.",
  );
}

function parsePrint(text: string): CommandLine["print"] {
  if (text === "text" || text === "json") return text;
  throw new StartError(`--print ${text}`, "There is no such way to print.", "Give text, or json for programs.");
}

function parseSpeed(text: string): number {
  if (text === "instant") return Infinity;
  if (text === "real") return 1;
  const speed = Number(text);
  if (/^\d*\.?\d+$/.test(text) && speed > 0) return speed;
  throw new StartError(
    `--speed ${text}`,
    "This is not a speed.",
    "Give instant, real, or how many times faster than a small node: 10.",
  );
}

function parseFaultOption(text: string): Fault {
  try {
    return parseFault(text);
  } catch (error) {
    throw new StartError(
      `--fault '${text}'`,
      messageOf(error),
      "Quote all of it, so that it is one word of the command line: --fault 'POST /nodes/*/lxc 500 no space left ×2'.",
    );
  }
}
