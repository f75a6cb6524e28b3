import { ApiError } from "../api-error.ts";
import { facts, type EndpointKey } from "../api/facts.ts";
import type { Parameter, ParameterTable } from "../check-parameters.ts";

/** What a command of Proxmox was called with. */
export interface CommandLine {
  /** Of the endpoint. */
  readonly sent: Readonly<Record<string, unknown>>;
  /** What concerns the command alone: `output-format`, `quiet`. */
  readonly own: Readonly<Record<string, string>>;
}

const ownOptions: ParameterTable = {
  "output-format": { type: "string" },
  "human-readable": { type: "boolean" },
  noborder: { type: "boolean" },
  noheader: { type: "boolean" },
  quiet: { type: "boolean" },
};

/**
 * Reads a command line as PVE::CLIHandler does: operands in order, options by their name or the beginning of it.
 * @throws {ApiError} 400
 */
export function readCommandLine(key: EndpointKey, args: readonly string[], operands: readonly string[]): CommandLine {
  const table = facts[key].parameters;
  const sent: Record<string, unknown> = {};
  const own: Record<string, string> = {};
  const rest = [...args];
  const names = [...operands];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const [, option, value] = /^--?([a-z][\w-]*)(?:=([^]*))?$/i.exec(arg) ?? [];
    if (option === undefined) {
      const name = names.shift();
      if (name === undefined) throw new ApiError(400, "too many arguments");
      sent[name] = arg;
      continue;
    }
    const name = findName(table, option);
    const parameter = parameterOf(table, name);
    const text = value ?? (takesNext(parameter, rest[0]) ? rest.shift() : "1");
    if (text === undefined) throw new ApiError(400, `unable to parse option: Option ${option} requires an argument`);
    if (Object.hasOwn(ownOptions, name)) own[name] = text;
    else sent[name] = sent[name] === undefined ? text : [sent[name], text].flat();
  }
  if (names.length > 0 && operands.some((name) => names.includes(name) && !table[name]?.optional)) {
    throw new ApiError(400, "not enough arguments");
  }
  return { sent, own };
}

function takesNext(parameter: Parameter | undefined, next: string | undefined): boolean {
  return parameter?.type !== "boolean" || (next !== undefined && /^(?:[01]|on|off|yes|no|true|false)$/.test(next));
}

/** An option's full name; Getopt::Long takes any beginning that is the only one. */
function findName(table: ParameterTable, option: string): string {
  if (parameterOf(table, option) !== undefined) return option;
  const names = [...Object.keys(table), ...Object.keys(ownOptions)].filter((name) => name.startsWith(option));
  const [only] = names;
  if (only === undefined) throw new ApiError(400, `unable to parse option: Unknown option: ${option}`);
  if (names.length > 1)
    throw new ApiError(400, `unable to parse option: Option ${option} is ambiguous (${names.join(", ")})`);
  return only;
}

function parameterOf(table: ParameterTable, name: string): Parameter | undefined {
  return table[name] ?? table[name.replace(/\d+$/, "[n]")] ?? ownOptions[name];
}
