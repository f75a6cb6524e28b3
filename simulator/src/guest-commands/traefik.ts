import { CommandError, PlainError, type Call, type Program } from "../shell/machine.ts";
import { absolute } from "../shell/programs/paths.ts";
import { dynamicKeys, staticKeys, type Keys } from "../traefik/keys.ts";
import { ConfigurationError, readConfiguration } from "../traefik/read-configuration.ts";

/** Traefik 3 of one version: tells which one it is, reads its configuration, and does not stay. */
export function traefik(version: string): Program {
  return (call) => {
    const [command = ""] = call.args;
    if (command === "version") return tellVersion(call, version);
    if (command === "healthcheck") return checkHealth(call);
    if (command.startsWith("--")) return start(call);
    throw new CommandError(`the simulator does not know 'traefik ${call.args.join(" ")}'`, 127);
  };
}

function tellVersion({ out }: Call, version: string): number {
  out(
    `Version:      ${version}\nCodename:     simulated\nGo version:   go1.26\nBuilt:        2026-01-01T00:00:00Z\nOS/Arch:      linux/amd64\n`,
  );
  return 0;
}

/** Nobody answers it here, which is no matter to who only wants to know whether the file can be read. */
function checkHealth(call: Call): number {
  const path = flagOf(call, "configFile");
  if (path === undefined) throw new CommandError("the simulator only knows 'traefik healthcheck --configFile=FILE'", 1);
  const problem = problemOf(call, path, staticKeys);
  if (problem !== undefined) {
    const message = JSON.stringify(`command healthcheck error: ${problem}`);
    throw new PlainError(`{"level":"error","error":${message},"message":"Command error"}`, 1);
  }
  call.out('Error calling healthcheck: Head "http://:8082/ping": dial tcp :8082: connect: connection refused\n');
  return 1;
}

/** As far as the file of routes, which it watches from then on. */
function start(call: Call): number {
  const path = flagOf(call, "providers.file.filename");
  if (path === undefined)
    throw new CommandError("the simulator only starts a Traefik that is told --providers.file.filename", 1);
  const problem = problemOf(call, path, dynamicKeys);
  if (problem !== undefined) {
    const time = call.machine
      .now()
      .toISOString()
      .replace(/\.\d+Z$/, "Z");
    call.err(`${time} ERR Cannot start the provider *file.Provider error=${JSON.stringify(problem)}\n`);
  }
  return 0;
}

function problemOf(call: Call, path: string, keys: Keys): string | undefined {
  const { files } = call.machine;
  const place = absolute(call, path);
  if (!files.exists(place)) return `open ${path}: no such file or directory`;
  try {
    readConfiguration(files.read(place).toString("utf8"), keys);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
}

function flagOf({ args }: Call, name: string): string | undefined {
  const flag = args.find((arg) => arg.toLowerCase().startsWith(`--${name.toLowerCase()}=`));
  return flag?.slice(flag.indexOf("=") + 1);
}
