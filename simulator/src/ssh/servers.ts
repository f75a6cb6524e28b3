import type { AddressInfo } from "node:net";
import { once } from "node:events";
import ssh2, { type Connection } from "ssh2";
import { nodeMachine } from "../node-commands/node-machine.ts";
import type { World } from "../world.ts";
import { authenticate } from "./authenticate.ts";
import { hostKeyFile, rootKeyFile } from "./keys.ts";
import { serveSession } from "./session.ts";

/** How to log in to one node. */
export interface SshServer {
  readonly node: string;
  readonly host: string;
  readonly port: number;
  readonly username: string;
  /** OpenSSH's PEM text. */
  readonly privateKey: string;
  /** The line of known_hosts. */
  readonly knownHost: string;
}

/** The SSH servers of all nodes. */
export interface SshServers {
  readonly servers: readonly SshServer[];
  readonly close: () => Promise<void>;
}

const host = "127.0.0.1";

/** Starts an SSH server for each node, on loopback and a port of its own. */
export async function startSshServers(world: World, certificateAuthority: string): Promise<SshServers> {
  const started = await Promise.all(
    Object.keys(world.state.nodes).map((node) => startServer(world, node, certificateAuthority)),
  );
  return {
    servers: started.map(({ server }) => server),
    close: async () => {
      await Promise.all(started.map(({ close }) => close()));
    },
  };
}

/** As sshd does; otherwise each small packet waits 40 ms for the acknowledgement of the one before. */
function sendAtOnce(connection: Connection): void {
  // The package has it, and its types do not: https://github.com/mscdex/ssh2#connection-methods
  (connection as Connection & { setNoDelay: (on: boolean) => void }).setNoDelay(true);
}

async function startServer(world: World, node: string, certificateAuthority: string) {
  const machine = nodeMachine(world, node, certificateAuthority);
  const text = (path: string) => machine.files.read(path).toString("utf8");
  const hostKey = text(hostKeyFile);
  const connections = new Set<Connection>();
  const server = new ssh2.Server(
    { hostKeys: [hostKey], ident: "OpenSSH_10.0p2 Debian-7" },
    (connection, { header }) => {
      if (world.state.nodes[node]?.off === true) {
        connection.end();
        return;
      }
      connections.add(connection);
      sendAtOnce(connection);
      connection
        .on("authentication", (context) => {
          authenticate(context, world, machine.files);
        })
        .on("session", (accept) => {
          serveSession(accept(), machine, header.identRaw);
        })
        // A client that goes away in the middle of something is no matter of the server's.
        .on("error", () => undefined)
        .on("close", () => connections.delete(connection));
    },
  );
  server.listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const [type = "", data = ""] = text(`${hostKeyFile}.pub`).split(" ");
  return {
    server: {
      node,
      host,
      port,
      username: "root",
      privateKey: text(rootKeyFile),
      knownHost: `[${host}]:${port} ${type} ${data.trim()}`,
    },
    close: async () => {
      for (const connection of connections) connection.end();
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}
