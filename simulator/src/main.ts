import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { instantClock, realClock } from "./clock.ts";
import { startSimulator } from "./simulator.ts";

const usage = `Simulates a Proxmox VE cluster of two nodes on 127.0.0.1.

npm run simulator -- [options]

  --port PORT        port to listen on (default 8006; 0: any free one)
  --print text|json  how to print where it is and with which credentials (default text)
  --speed instant|real
                     whether tasks take the time that they take on a small node (default instant)
  --directory DIR    where to write the certificate authority (default: a temporary folder)
  --verbose          print each request
  --help
`;

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8006" },
    print: { type: "string", default: "text" },
    speed: { type: "string", default: "instant" },
    directory: { type: "string" },
    verbose: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) process.stdout.write(usage);
else await serve();

async function serve(): Promise<void> {
  const temporary = values.directory === undefined ? mkdtempSync(join(tmpdir(), "proxmox-simulator-")) : undefined;
  const directory = temporary ?? values.directory ?? "";
  mkdirSync(directory, { recursive: true });
  const simulator = await startSimulator({
    port: Number(values.port),
    clock: values.speed === "real" ? realClock() : instantClock(),
    log: ({ method, path, status, milliseconds }) => {
      if (values.verbose) process.stderr.write(`${method} ${path} ${status} ${milliseconds.toFixed(1)} ms\n`);
    },
  });
  const caFile = join(directory, "ca.pem");
  writeFileSync(caFile, simulator.ca);
  const { url, username, password, apiToken, fingerprint } = simulator;
  const ready = { url, caFile, username, password, apiToken, fingerprint };
  if (values.print === "json") process.stdout.write(`${JSON.stringify(ready)}\n`);
  else for (const [name, value] of Object.entries(ready)) process.stdout.write(`${name.padEnd(12)} ${value}\n`);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
      void simulator.close();
    });
  }
}
