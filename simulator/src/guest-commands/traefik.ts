import { z } from "zod";
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

const Settings = z.object({
  log: z.object({ level: z.string() }).partial().default({}),
  providers: z
    .object({ file: z.object({ filename: z.string() }) })
    .partial()
    .optional(),
});

/**
 * As far as the file of routes, which it watches from then on. A file of settings, named or in its usual place, lets it
 * take nothing of the command line: https://doc.traefik.io/traefik/getting-started/configuration-overview/
 */
function start(call: Call): number {
  const usual = "/etc/traefik/traefik.yml";
  const named = flagOf(call, "configFile") ?? (call.machine.files.exists(usual) ? usual : undefined);
  if (named === undefined)
    throw new CommandError("the simulator only starts a Traefik that has a file of settings, as --configFile=FILE", 1);
  const wrong = problemOf(call, named, staticKeys);
  if (wrong !== undefined) {
    const message = JSON.stringify(`command traefik error: ${wrong}`);
    throw new PlainError(`{"level":"error","error":${message},"message":"Command error"}`, 1);
  }
  const { log, providers } = Settings.parse(
    readConfiguration(call.machine.files.read(absolute(call, named)).toString("utf8"), staticKeys),
  );
  const path = providers?.file?.filename;
  const problem = path === undefined ? undefined : problemOf(call, path, dynamicKeys);
  const time = call.machine
    .now()
    .toISOString()
    .replace(/\.\d+Z$/, "Z");
  if (problem !== undefined)
    call.err(`${time} ERR Cannot start the provider *file.Provider error=${JSON.stringify(problem)}\n`);
  else if (path !== undefined && log.level?.toUpperCase() === "DEBUG")
    call.err(`${time} DBG Configuration received config={} providerName=file\n`);
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
