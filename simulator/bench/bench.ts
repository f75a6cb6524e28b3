// Measures the simulator: npm run bench:simulator -- [--seconds 10] [--guests 1000]
import { fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import autocannon from "autocannon";
import Table from "cli-table3";

interface Ready {
  readonly url: string;
  readonly ca: string;
  readonly apiToken: string;
  readonly startMilliseconds: number;
  readonly resetMilliseconds: number;
}

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "10" }, guests: { type: "string", default: "1000" } },
});
const run = resolve(import.meta.dirname, "../../toolchain/run.mjs");

void main();

async function main(): Promise<void> {
  const starts: number[] = [];
  // The first leaves what it has compiled.
  for (let start = 0; start < 10; start++) starts.push(await timeStart());
  const median = starts.slice(1).sort((a, b) => a - b)[4] ?? NaN;

  const server = fork(run, ["--packages-only", "simulator/bench/server.ts", values.guests]);
  const ready = await nextMessage<Ready>(server);

  const table = new Table({ head: ["what", "measured"] });
  table.push(
    ["process start until ready (median of 9)", `${median.toFixed(0)} ms`],
    ["startSimulator()", `${ready.startMilliseconds.toFixed(0)} ms`],
    [`reset to a snapshot of ${values.guests} guests`, `${ready.resetMilliseconds.toFixed(2)} ms`],
  );
  await memory("at rest");
  await load("read a guest's configuration", "nodes/pve-01/lxc/500/config");
  await load("read a guest's status", "nodes/pve-01/lxc/500/status/current");
  await load(`list ${values.guests} guests of the cluster`, "cluster/resources?type=vm");
  await memory("after all that");
  process.stdout.write(`${table.toString()}\n`);
  server.disconnect();

  async function memory(when: string): Promise<void> {
    server.send("memory");
    const { resident } = await nextMessage<{ resident: number }>(server);
    table.push([`memory ${when} (resident)`, `${(resident / 1e6).toFixed(0)} MB`]);
  }

  async function load(what: string, path: string): Promise<void> {
    const result = await autocannon({
      url: `${ready.url}api2/json/${path}`,
      headers: { authorization: `PVEAPIToken=${ready.apiToken}` },
      connections: 10,
      duration: Number(values.seconds),
      tlsOptions: { ca: ready.ca },
    });
    const failures = result.errors + result.non2xx;
    const figures = `${result.requests.average.toFixed(0)} requests/s, p99 ${result.latency.p99} ms`;
    table.push([what, failures === 0 ? figures : `${figures}, ${failures} FAILED`]);
  }
}

/** As `npm run simulator` starts it. */
async function timeStart(): Promise<number> {
  const before = performance.now();
  const program = spawn(
    process.execPath,
    [run, "--packages-only", "simulator/src/main.ts", "--port", "0", "--print", "json"],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  await once(program.stdout, "data");
  const milliseconds = performance.now() - before;
  program.kill();
  await once(program, "exit");
  return milliseconds;
}

async function nextMessage<T>(child: ChildProcess): Promise<T> {
  const [message] = (await once(child, "message")) as [T];
  return message;
}
