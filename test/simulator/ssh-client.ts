import type { Simulator } from "@proxmox-homelab/simulator";
import ssh2, { type Client, type ClientChannel, type ConnectConfig, type ExecOptions, type SFTPWrapper } from "ssh2";
import { test as base } from "./simulator-test.ts";

/** What a command has done. */
export interface Result {
  readonly code: number | null;
  readonly signal?: string;
  readonly out: string;
  readonly err: string;
}

/** A command that runs. Its end may come right after its beginning: whoever looks later misses it. */
export interface Started {
  readonly channel: ClientChannel;
  readonly result: Promise<Result>;
}

/** A connection to a node. */
export class SshClient {
  readonly client: Client;

  constructor(client: Client) {
    this.client = client;
  }

  /** Runs a command with text on its standard input. */
  async run(command: string, input: string | Buffer = "", options: ExecOptions = {}): Promise<Result> {
    const { channel, result } = await this.start(command, options);
    channel.end(input);
    return result;
  }

  /** Starts a command whose input stays open. */
  start(command: string, options: ExecOptions = {}): Promise<Started> {
    return new Promise((resolve, reject) => {
      this.client.exec(command, options, (error, channel) => {
        if (error === undefined) resolve({ channel, result: resultOf(channel) });
        else reject(error);
      });
    });
  }

  /** Starts a shell, with a terminal or without. */
  shell(terminal: false | { readonly term: string }): Promise<Started> {
    return new Promise((resolve, reject) => {
      this.client.shell(terminal, (error, channel) => {
        if (error === undefined) resolve({ channel, result: resultOf(channel) });
        else reject(error);
      });
    });
  }

  sftp(): Promise<SFTPWrapper> {
    return new Promise((resolve, reject) => {
      this.client.sftp((error, sftp) => {
        if (error === undefined) resolve(sftp);
        else reject(error);
      });
    });
  }
}

/** Logs in to the simulator's first node, or to another one. */
export function connect(simulator: Simulator, config: ConnectConfig = {}, node = "pve-01"): Promise<SshClient> {
  const server = simulator.ssh.find((candidate) => candidate.node === node);
  if (server === undefined) throw new Error(`There is no SSH server of ${node}.`);
  const { host, port, username, privateKey } = server;
  const client = new ssh2.Client();
  return new Promise((resolve, reject) => {
    client
      .on("ready", () => {
        resolve(new SshClient(client));
      })
      .on("error", reject)
      .connect({ host, port, username, privateKey, ...config });
  });
}

function resultOf(channel: ClientChannel): Promise<Result> {
  const text = { out: "", err: "" };
  let ending: Pick<Result, "code" | "signal"> = { code: null };
  channel.on("data", (chunk: Buffer) => (text.out += chunk.toString()));
  channel.stderr.on("data", (chunk: Buffer) => (text.err += chunk.toString()));
  channel.on("exit", (code: number | null, signal?: string) => {
    ending = { code, ...(signal === undefined ? {} : { signal }) };
  });
  return new Promise((resolve) => {
    channel.on("close", () => {
      resolve({ ...ending, ...text });
    });
  });
}

/** A test that is logged in to the first node. */
export const test = base.extend<{ readonly ssh: SshClient }>({
  ssh: async ({ simulator }, use) => {
    const ssh = await connect(simulator);
    await use(ssh);
    ssh.client.end();
  },
});
