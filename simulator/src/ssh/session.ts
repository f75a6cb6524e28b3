import type { ServerChannel, Session } from "ssh2";
import type { Machine } from "../shell/machine.ts";
import type { Descriptors } from "../shell/redirect.ts";
import { Shell } from "../shell/shell.ts";
import { ShellState } from "../shell/shell-state.ts";
import { Killed } from "../shell/signals.ts";
import { StreamInput } from "../shell/streams.ts";
import { serveTerminal } from "./terminal.ts";
import { serveSftp } from "./sftp.ts";

/** What sshd of Debian takes from a client: AcceptEnv of sshd_config. */
const acceptedVariables = /^(?:LANG|LC_\w+|COLORTERM|NO_COLOR)$/;

const login = {
  HOME: "/root",
  LOGNAME: "root",
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  SHELL: "/bin/bash",
  USER: "root",
};

/** Serves one session of a connection: a command, a shell, or files over SFTP. */
export function serveSession(session: Session, machine: Machine, client: string): void {
  const environment: Record<string, string> = { ...login };
  const killed = new AbortController();
  let signal = "TERM";
  let terminal = false;
  session
    .on("env", (accept: (() => void) | undefined, reject: (() => void) | undefined, { key, val }) => {
      if (acceptedVariables.test(key)) {
        environment[key] = val;
        accept?.();
      } else reject?.();
    })
    .on("pty", (accept: (() => void) | undefined) => {
      terminal = true;
      accept?.();
    })
    .on("window-change", (accept: (() => void) | undefined) => accept?.())
    .on("signal", (accept: (() => void) | undefined, _reject, { name }) => {
      signal = name;
      killed.abort();
      accept?.();
    })
    .on("exec", (accept, _reject, { command }) => {
      const channel = accept();
      void runCommand(channel, machine, command, { environment, terminal, killed, signal: () => signal });
    })
    .on("shell", (accept) => {
      const channel = accept();
      if (terminal) void serveTerminal(channel, machine, environment);
      else void runScript(channel, machine, { environment, terminal, killed, signal: () => signal });
    })
    .on("sftp", (accept) => {
      serveSftp(accept(), machine.files, client);
    });
}

interface Execution {
  readonly environment: Readonly<Record<string, string>>;
  readonly terminal: boolean;
  readonly killed: AbortController;
  readonly signal: () => string;
}

async function runCommand(
  channel: ServerChannel,
  machine: Machine,
  command: string,
  execution: Execution,
): Promise<void> {
  const input = readChannel(channel, execution);
  await run(channel, machine, command, input, execution);
}

/** A shell without a terminal runs what it is sent. */
async function runScript(channel: ServerChannel, machine: Machine, execution: Execution): Promise<void> {
  const input = readChannel(channel, execution);
  const script = (await input.read()).toString("utf8");
  await run(channel, machine, script, input, execution);
}

async function run(
  channel: ServerChannel,
  machine: Machine,
  script: string,
  input: StreamInput,
  { environment, terminal, killed, signal }: Execution,
): Promise<void> {
  const shell = new Shell(machine, ShellState.begin(environment, "/root"), killed.signal);
  try {
    const status = await shell.run(script, { input, outputs: outputsOf(channel, terminal) });
    channel.exit(status);
  } catch (error) {
    if (error instanceof Killed) channel.exit(signal(), false, "");
    else {
      // A mistake of the simulator must not pass for something that a node does.
      channel.stderr.write(
        `the simulator failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      );
      channel.exit(255);
    }
  }
  channel.end();
}

function readChannel(channel: ServerChannel, { killed }: Execution): StreamInput {
  const input = new StreamInput();
  channel
    .on("data", (chunk: Buffer) => {
      input.push(chunk);
    })
    .on("end", () => {
      input.end();
    })
    .on("close", () => {
      input.end();
      killed.abort();
    });
  return input;
}

/** A terminal has no standard error of its own, and wants carriage returns. */
function outputsOf(channel: ServerChannel, terminal: boolean): Descriptors["outputs"] {
  const write = (stream: NodeJS.WritableStream) => (data: string | Buffer) => {
    if (data.length > 0) stream.write(terminal ? data.toString().replaceAll(/\r?\n/g, "\r\n") : data);
  };
  return new Map([
    [1, { write: write(channel) }],
    [2, { write: write(terminal ? channel : channel.stderr) }],
  ]);
}
