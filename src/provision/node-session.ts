import { Client, type ConnectConfig } from "ssh2";

/** Where a node's SSH server is, and how one logs in: with a key, or with the keys of the agent. */
export interface NodeAddress {
  readonly address: string;
  readonly port: number;
  readonly username: string;
  readonly privateKey: string | undefined;
  /** `ssh-ed25519 AAAA…`; any is taken where it is not given. */
  readonly hostKey: string | undefined;
}

/** What a command on a node left behind. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const milliseconds = 10_000;

/** A connection to a node, for commands one after the other. */
export class NodeSession {
  readonly #client: Client;

  private constructor(client: Client) {
    this.#client = client;
  }

  /** @throws {Error} that says why there is no connection */
  static open(node: NodeAddress): Promise<NodeSession> {
    const client = new Client();
    return new Promise((resolve, reject) => {
      client
        .once("ready", () => {
          resolve(new NodeSession(client));
        })
        .once("error", reject)
        .connect(configOf(node))
        // Otherwise each small packet waits 40 ms for the acknowledgement of the one before.
        .setNoDelay(true);
    });
  }

  /** Runs a command to its end, and gives it its input. */
  run(command: string, input: string): Promise<CommandResult> {
    return new Promise((resolve, reject) => {
      this.#client.exec(command, (error, channel) => {
        if (error !== undefined) {
          reject(error);
          return;
        }
        const output = { stdout: "", stderr: "" };
        let code = 255;
        // A character may be split between two packets.
        channel.setEncoding("utf8");
        channel.stderr.setEncoding("utf8");
        channel
          .on("data", (text: string) => (output.stdout += text))
          .on("exit", (status: number | null) => (code = status ?? 255))
          .on("close", () => {
            resolve({ code, ...output });
          });
        channel.stderr.on("data", (text: string) => (output.stderr += text));
        channel.end(input);
      });
    });
  }

  close(): void {
    this.#client.end();
  }
}

function configOf({ address, port, username, privateKey, hostKey }: NodeAddress): ConnectConfig {
  const agent = process.env["SSH_AUTH_SOCK"];
  return {
    host: address,
    port,
    username,
    readyTimeout: milliseconds,
    ...(privateKey !== undefined ? { privateKey } : agent === undefined ? {} : { agent }),
    ...(hostKey === undefined
      ? {}
      : { hostVerifier: (key: Buffer) => key.toString("base64") === hostKey.split(" ").at(1) }),
  };
}
