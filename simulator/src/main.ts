import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { instantClock, realClock } from "./clock.ts";
import { parseCommandLine, usage, type CommandLine } from "./command-line.ts";
import { saveMemory } from "./save-memory.ts";
import type { Simulator } from "./simulator.ts";
import type { SshServer } from "./ssh/servers.ts";
import { messageOf, StartError } from "./start-error.ts";

// Not awaited: what Node keeps compiled cannot wait at its top.
void main();

async function main(): Promise<void> {
  try {
    const commandLine = parseCommandLine(process.argv.slice(2));
    if (commandLine.help) process.stdout.write(usage);
    else await serve(commandLine);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}

async function serve(commandLine: CommandLine): Promise<void> {
  const starting = start(commandLine);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      void starting.then((started) => started.close()).finally(() => process.exit());
    });
  }
  const simulator = await starting;
  saveMemory();
  const caFile = writeCa(commandLine, simulator.ca);
  const ssh = writeKey(dirname(caFile), simulator.ssh);
  const { url, username, password, apiToken, fingerprint } = simulator;
  const ready = { url, caFile, username, password, apiToken, fingerprint };
  if (commandLine.print === "json") process.stdout.write(`${JSON.stringify({ ...ready, ssh })}\n`);
  else {
    for (const [name, value] of Object.entries(ready)) process.stdout.write(`${name.padEnd(12)} ${value}\n`);
    for (const { node, host, port, username: user, privateKeyFile } of ssh) {
      process.stdout.write(`${node.padEnd(12)} ssh -i ${privateKeyFile} -p ${port} ${user}@${host}\n`);
    }
  }
}

async function start({ port, seed, state, speed, faults, incidents, verbose }: CommandLine): Promise<Simulator> {
  // What the command line has wrong is said before all of this is loaded.
  const { startSimulator } = await import("./simulator.ts");
  const simulator = await startSimulator({
    port,
    ...(seed === undefined ? {} : { seed: (await import("./seed-file/seed-file.ts")).loadSeed(seed) }),
    ...(state === undefined ? {} : { stateFolder: state }),
    clock: speed === Infinity ? instantClock() : realClock(speed),
    log: ({ method, path, status, milliseconds }) => {
      if (verbose) process.stderr.write(`${method} ${path} ${status} ${milliseconds.toFixed(1)} ms\n`);
    },
  }).catch((error: unknown) => {
    throw explain(error, port);
  });
  for (const fault of faults) simulator.faults.add(fault);
  try {
    for (const incident of incidents) happen(simulator, incident);
  } catch (error) {
    await simulator.close();
    throw error;
  }
  return simulator;
}

function happen({ incidents }: Simulator, incident: string): void {
  try {
    incidents.tell(incident);
  } catch (error) {
    throw new StartError(
      `--incident '${incident}'`,
      messageOf(error),
      "Quote all of it, so that it is one word of the command line: --incident 'disk pve-01 /dev/nvme1n1 dies'.",
    );
  }
}

/** Writes the authority where clients find it; a temporary folder goes when the simulator does. */
function writeCa({ directory, state }: CommandLine, ca: string): string {
  const folder = directory ?? state ?? mkdtempSync(join(tmpdir(), "proxmox-simulator-"));
  if (directory === undefined && state === undefined) {
    process.on("exit", () => {
      rmSync(folder, { recursive: true, force: true });
    });
  }
  try {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, "ca.pem");
    writeFileSync(file, ca, { mode: 0o600 });
    return file;
  } catch (error) {
    const problem = `The certificate authority cannot be written there: ${messageOf(error)}.`;
    throw new StartError(`--directory ${folder}`, problem, "Name a folder that you may write to, or a new one.");
  }
}

/** Writes the key that opens all nodes where only its owner may read it, as OpenSSH asks for. */
function writeKey(folder: string, servers: readonly SshServer[]) {
  const privateKeyFile = join(folder, "ssh-key");
  // A key that is there already keeps its mode when it is only written over.
  rmSync(privateKeyFile, { force: true });
  writeFileSync(privateKeyFile, servers[0]?.privateKey ?? "", { mode: 0o600 });
  return servers.map(({ node, host, port, username, knownHost }) => ({
    node,
    host,
    port,
    username,
    knownHost,
    privateKeyFile,
  }));
}

function explain(error: unknown, port: number): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall !== "listen") return error;
  if (code === "EADDRINUSE") {
    return new StartError(
      `--port ${port}`,
      `Something listens on port ${port} of 127.0.0.1 already: another simulator, perhaps, or a tunnel to a node.`,
      "Stop it, or choose another port; --port 0 takes any that is free.",
    );
  }
  if (code !== "EACCES") return error;
  return new StartError(
    `--port ${port}`,
    "The system does not let you listen on this port.",
    "Choose one above 1023; --port 0 takes any that is free.",
  );
}
