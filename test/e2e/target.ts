import { readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";
import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import type { DemoTarget } from "../../scripts/demo-stack.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { request } from "../../simulator/src/request.ts";

/** A Proxmox VE that the end-to-end tests build on: a simulator of their own, or one that the environment names. */
export interface Target extends DemoTarget {
  /** Makes a request with the token; throws what is refused. */
  readonly request: <T>(method: string, path: string, parameters?: Readonly<Record<string, string>>) => Promise<T>;
  /** What can be looked into; undefined where all that is known of the target is its API. */
  readonly simulator: Simulator | undefined;
  readonly close: () => Promise<void>;
}

/** Why no test can look into the target; undefined where it is a simulator of this process. */
export const whyNotInside =
  process.env["PROXMOX_VE_ENDPOINT"] === undefined ? undefined : "PROXMOX_VE_ENDPOINT has an API only";

/** Opens the target of the environment, in which a homelab of the project may be built, or else starts a simulator. */
export async function openTarget(project: string, environment: NodeJS.ProcessEnv = process.env): Promise<Target> {
  const { PROXMOX_VE_ENDPOINT: endpoint } = environment;
  if (endpoint === undefined) {
    const simulator = await startSimulator();
    const { url, ca, apiToken, ssh } = simulator;
    return { url, ca, apiToken, ssh, request: simulator.request, simulator, close: simulator.close };
  }
  const target = readTarget(endpoint, environment);
  const ask: Target["request"] = (method, path, parameters) => request(target, method, path, parameters);
  await refuseInhabited(ask, endpoint, project);
  return { ...target, request: ask, simulator: undefined, close: () => Promise.resolve() };
}

/** Reads the variables that bpg's provider documents, and two for what it has none: the authority, and SSH's ports. */
function readTarget(endpoint: string, environment: NodeJS.ProcessEnv): DemoTarget {
  const needed = (name: string) => {
    const value = environment[name];
    if (value === undefined || value === "") {
      throw new Error(`PROXMOX_VE_ENDPOINT leads the tests to ${endpoint}, so that ${name} is needed too. Set it.`);
    }
    return value;
  };
  const privateKey = needed("PROXMOX_VE_SSH_PRIVATE_KEY");
  const { SSL_CERT_FILE: caFile } = environment;
  return {
    url: endpoint.endsWith("/") ? endpoint : `${endpoint}/`,
    ca: caFile === undefined ? rootCertificates.join("\n") : readFileSync(caFile, "utf8"),
    apiToken: needed("PROXMOX_VE_API_TOKEN"),
    ssh: needed("PROXMOX_VE_SSH_NODES")
      .split(",")
      .map((entry) => ({ ...parseSshNode(entry), privateKey })),
  };
}

/** `pve-01=10.10.0.11`, `pve-01=127.0.0.1:2201` */
function parseSshNode(entry: string): { node: string; host: string; port: number } {
  const [, node, host, port = "22"] = /^([^=]+)=([^:]+)(?::(\d+))?$/.exec(entry.trim()) ?? [];
  if (node === undefined || host === undefined) {
    throw new Error(`"${entry}" in PROXMOX_VE_SSH_NODES is no node. Write pve-01=ADDRESS:PORT, separated by commas.`);
  }
  return { node, host, port: Number(port) };
}

/** The variable is the provider's own, and may lead to somebody's homelab: nothing is built beside what is there. */
async function refuseInhabited(ask: Target["request"], endpoint: string, project: string): Promise<void> {
  const { nodes, storage } = loadInventory(project);
  const [guests, jobs, storages, members] = await Promise.all([
    ask<{ id: string }[]>("GET", "/cluster/resources?type=vm"),
    ask<{ id: string }[]>("GET", "/cluster/backup"),
    ask<{ storage: string }[]>("GET", "/storage"),
    ask<{ node: string }[]>("GET", "/nodes"),
  ]);
  const problems = [
    ...guests.map(({ id }) => `it has the guest ${id}`),
    ...jobs.map(({ id }) => `it has the backup job ${id}`),
    ...storages
      .filter(({ storage: id }) => storage[id]?.origin !== "installer")
      .map(({ storage: id }) => `it has the storage ${id}`),
    ...Object.keys(nodes)
      .filter((name) => !members.some(({ node }) => node === name))
      .map((name) => `it has no node ${name}`),
  ];
  if (problems.length === 0) return;
  throw new Error(
    `The tests build a homelab at PROXMOX_VE_ENDPOINT (${endpoint}) and take it down again, and this is no place for that: ` +
      `${problems.join(", ")}. Nothing was changed. Name a cluster that is fresh from the installer, or unset the variable.`,
  );
}
