import { randomBytes, randomUUID } from "node:crypto";
import { createServerCertificate } from "./certificates.ts";
import { instantClock, type Clock } from "./clock.ts";
import { Faults } from "./faults.ts";
import { startScheduler } from "./backup/scheduler.ts";
import { Incidents } from "./incidents.ts";
import { startReplication } from "./replication/scheduler.ts";
import { addPage } from "./page/page.ts";
import { request } from "./request.ts";
import { createServer, type RequestRecord } from "./server.ts";
import { withSshKeys } from "./ssh/keys.ts";
import { startSshServers, type SshServer } from "./ssh/servers.ts";
import { endInterruptedTasks } from "./state-folder/interrupted-tasks.ts";
import { keepCertificate } from "./state-folder/kept-certificate.ts";
import { StateFolder } from "./state-folder/state-folder.ts";
import type { ClusterState } from "./state/cluster.ts";
import { defaultSeed } from "./state/seed.ts";
import { World } from "./world.ts";

/** How a simulator starts. */
export interface SimulatorOptions {
  /** Port on 127.0.0.1; 0, the default, takes any that is free. */
  readonly port?: number;
  /** What the cluster is at first; the default is two nodes fresh from the installer. */
  readonly seed?: ClusterState;
  /** A folder that keeps the state, and goes on where it was left; the seed counts for a new one only. */
  readonly stateFolder?: string;
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
  /** How to log in to each node over SSH. */
  readonly ssh: readonly SshServer[];
  /** What the cluster is now; it never changes, but the next look may be at another one. */
  readonly state: ClusterState;
  /** Changes the cluster behind its clients' backs. */
  readonly change: (recipe: (state: ClusterState) => void) => void;
  /** Lets requests fail. */
  readonly faults: Faults;
  /** Lets hardware fail, and guests change without any request. */
  readonly incidents: Incidents;
  /** The last requests, oldest first. */
  readonly requests: readonly RequestRecord[];
  /** What was asked for and is not implemented here. */
  readonly unimplemented: readonly string[];
  /** Makes a request as a client with the token does; throws what the server refuses. */
  readonly request: <T>(method: string, path: string, parameters?: Readonly<Record<string, string>>) => Promise<T>;
  /** Returns to the seed, or to a state that was there before. */
  readonly reset: (state?: ClusterState) => void;
  readonly close: () => Promise<void>;
}

const requestsKept = 10_000;
const username = "root@pam";
const tokenId = "simulator";

/** Starts a simulated Proxmox VE cluster on loopback. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  if (options.stateFolder === undefined) return start(options, undefined);
  const folder = new StateFolder(options.stateFolder);
  try {
    return await start(options, folder);
  } catch (error) {
    folder.close();
    throw error;
  }
}

async function start(
  { port = 0, seed = defaultSeed(), clock = instantClock(), log }: SimulatorOptions,
  folder: StateFolder | undefined,
): Promise<Simulator> {
  const world = new World(withSshKeys(withCredentials(firstState(seed, folder, clock))), clock);
  const atFirst = world.state;
  const root = atFirst.access.users[username];
  const { password = "" } = root ?? {};
  const apiToken = `${username}!${tokenId}=${root?.tokens[tokenId]?.secret ?? ""}`;
  const faults = new Faults();
  const incidents = new Incidents(world);
  const stopScheduler = startScheduler(world);
  const stopReplication = startReplication(world);
  const hostnames = ["localhost", ...Object.keys(atFirst.nodes)];
  const certificate = await (folder === undefined
    ? createServerCertificate(hostnames)
    : keepCertificate(folder.certificateFile, hostnames));
  world.certificate = certificate;
  const requests: RequestRecord[] = [];
  const record = (entry: RequestRecord) => {
    if (requests.push(entry) > requestsKept) requests.shift();
    log?.(entry);
  };
  const server = await createServer({ world, faults, certificate, record });
  await addPage(server, { world, faults, incidents });
  folder?.begin(world.state);
  const stopKeeping = world.onChange((patches, state) => folder?.keep(patches, state));
  const url = `${await server.listen({ port, host: "127.0.0.1" })}/`;
  const ssh = await startSshServers(world, certificate.ca);
  return {
    url,
    ca: certificate.ca,
    fingerprint: certificate.fingerprint,
    username,
    password,
    apiToken,
    ssh: ssh.servers,
    get state() {
      return world.state;
    },
    change: (recipe) => {
      world.change(() => {
        recipe(world.state);
      });
    },
    faults,
    incidents,
    requests,
    get unimplemented() {
      return requests.filter(({ status }) => status === 501).map(({ method, path }) => `${method} ${path}`);
    },
    request: (method, path, parameters) => request({ url, ca: certificate.ca, apiToken }, method, path, parameters),
    reset: (state = atFirst) => {
      world.replace(state);
      faults.clear();
      requests.length = 0;
    },
    close: async () => {
      stopScheduler();
      stopReplication();
      clock.stop();
      await ssh.close();
      await server.close();
      stopKeeping();
      folder?.close();
    },
  };
}

/** What the last simulator left in the folder, or else the seed. */
function firstState(seed: ClusterState, folder: StateFolder | undefined, clock: Clock): ClusterState {
  if (folder?.left === undefined) return seed;
  return endInterruptedTasks(folder.left, Math.floor(clock.now().getTime() / 1000));
}

/** Gives root a password and a token where a seed has none. */
function withCredentials(seed: ClusterState): ClusterState {
  const { [username]: root = { enable: true, expire: 0, tokens: {} }, ...others } = seed.access.users;
  const { password = randomBytes(15).toString("base64url"), tokens } = root;
  const { [tokenId]: token = { secret: randomUUID(), privsep: false, expire: 0 } } = tokens;
  const users = { [username]: { ...root, password, tokens: { ...tokens, [tokenId]: token } }, ...others };
  return { ...seed, access: { ...seed.access, users } };
}
