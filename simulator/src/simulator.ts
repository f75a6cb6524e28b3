import { createServerCertificate } from "./certificates.ts";
import { instantClock, type Clock } from "./clock.ts";
import type { Endpoint } from "./endpoint.ts";
import { request } from "./request.ts";
import { accessEndpoints } from "./routes/access.ts";
import { clusterEndpoints } from "./routes/cluster.ts";
import { lxcEndpoints } from "./routes/lxc.ts";
import { nodeEndpoints } from "./routes/nodes.ts";
import { storageEndpoints } from "./routes/storage.ts";
import { createServer, type RequestRecord } from "./server.ts";
import type { ClusterState } from "./state/cluster.ts";
import { defaultSeed } from "./state/seed.ts";
import { World } from "./world.ts";

/** How a simulator starts. */
export interface SimulatorOptions {
  /** Port on 127.0.0.1; 0, the default, takes any that is free. */
  readonly port?: number;
  /** What the cluster is at first; the default is two nodes fresh from the installer. */
  readonly seed?: ClusterState;
  /** The default lets no task take any time. */
  readonly clock?: Clock;
  /** Is told of each request once it is answered. */
  readonly log?: (request: RequestRecord) => void;
}

/** A running simulator. */
export interface Simulator {
  /** Where the API is: `https://127.0.0.1:PORT/`. */
  readonly url: string;
  /** The certificate authority to trust, PEM. */
  readonly ca: string;
  /** SHA-256 of the server's certificate. */
  readonly fingerprint: string;
  readonly username: string;
  readonly password: string;
  /** `user@realm!id=secret` */
  readonly apiToken: string;
  /** What the cluster is now. */
  readonly state: ClusterState;
  /** The last requests, oldest first. */
  readonly requests: readonly RequestRecord[];
  /** What was asked for and is not implemented here. */
  readonly unimplemented: readonly string[];
  /** Makes a request as a client with the token does; throws what the server refuses. */
  readonly request: <T>(method: string, path: string, parameters?: Readonly<Record<string, string>>) => Promise<T>;
  /** Returns to the seed. */
  readonly reset: () => void;
  readonly close: () => Promise<void>;
}

/** The endpoints that this simulator has. */
export const endpoints: readonly Endpoint[] = [
  ...accessEndpoints,
  ...clusterEndpoints,
  ...nodeEndpoints,
  ...storageEndpoints,
  ...lxcEndpoints,
];

const requestsKept = 10_000;

/** Starts a simulated Proxmox VE cluster on loopback. */
export async function startSimulator({
  port = 0,
  seed = defaultSeed(),
  clock = instantClock(),
  log,
}: SimulatorOptions = {}): Promise<Simulator> {
  const world = new World(seed, clock);
  const certificate = await createServerCertificate(["localhost", ...seed.nodes.map(({ name }) => name)]);
  const requests: RequestRecord[] = [];
  const server = await createServer(world, endpoints, certificate, (entry) => {
    if (requests.push(entry) > requestsKept) requests.shift();
    log?.(entry);
  });
  const url = `${await server.listen({ port, host: "127.0.0.1" })}/`;
  const { username, password, apiToken } = world.access;
  return {
    url,
    ca: certificate.ca,
    fingerprint: certificate.fingerprint,
    username,
    password,
    apiToken,
    get state() {
      return world.state;
    },
    requests,
    get unimplemented() {
      return requests.filter(({ status }) => status === 501).map(({ method, path }) => `${method} ${path}`);
    },
    request: (method, path, parameters) => request({ url, ca: certificate.ca, apiToken }, method, path, parameters),
    reset: () => {
      world.reset();
      requests.length = 0;
    },
    close: async () => {
      clock.stop();
      await server.close();
    },
  };
}
