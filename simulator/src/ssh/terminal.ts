import type { ServerChannel } from "ssh2";
import type { Machine } from "../shell/machine.ts";
import { Shell } from "../shell/shell.ts";
import { ShellState } from "../shell/shell-state.ts";
import { ExitSignal } from "../shell/signals.ts";
import { BufferInput } from "../shell/streams.ts";

/** A shell to look around with: it reads lines, and has no more keys than backspace, Ctrl-C and Ctrl-D. */
export async function serveTerminal(
  channel: ServerChannel,
  machine: Machine,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const state = ShellState.begin(environment, "/root");
  const show = (data: string | Buffer) => channel.write(data.toString().replaceAll(/\r?\n/g, "\r\n"));
  const outputs = new Map([1, 2].map((descriptor) => [descriptor, { write: show }]));
  const prompt = () => show(`root@${machine.hostname()}:${state.folder.replace(/^\/root(?=$|\/)/, "~")}# `);
  const keys = readKeys(channel);
  prompt();
  for (;;) {
    const line = await readLine(keys, show);
    if (line === undefined) break;
    try {
      const shell = new Shell(machine, state, new AbortController().signal);
      await shell.source(line, { input: new BufferInput(), outputs });
    } catch (error) {
      if (error instanceof ExitSignal) {
        state.status = error.status;
        break;
      }
      show(`-bash: ${error instanceof Error ? error.message : String(error)}\n`);
      state.status = 2;
    }
    prompt();
  }
  channel.exit(state.status);
  channel.end();
}

type Keys = AsyncIterator<string, undefined>;

async function* readKeys(channel: ServerChannel): AsyncGenerator<string, undefined> {
  for await (const chunk of channel as AsyncIterable<Buffer>) yield* chunk.toString("utf8");
}

/** The next line, shown while it is typed; undefined at the end. */
async function readLine(keys: Keys, show: (text: string) => void): Promise<string | undefined> {
  let line = "";
  for (;;) {
    const { value: key, done } = await keys.next();
    if (done === true || (key === "\x04" && line === "")) return undefined;
    if (key === "\r" || key === "\n" || key === "\x03") {
      show(key === "\x03" ? "^C\n" : "\n");
      return key === "\x03" ? "" : line;
    }
    if (key === "\x7f" || key === "\b") {
      if (line !== "") show("\b \b");
      line = line.slice(0, -1);
    } else if (key >= " ") {
      line += key;
      show(key);
    }
  }
}
