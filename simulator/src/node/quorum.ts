import type { Patch } from "immer";
import { ApiError } from "../api-error.ts";
import type { EndpointKey } from "../api/facts.ts";
import type { ClusterState } from "../state/cluster.ts";

/** What a cluster that has lost its quorum refuses: its configuration file system can only be read. */
export class NoQuorum extends ApiError {
  constructor(message = "cluster not ready - no quorum?") {
    super(500, message);
  }
}

/** How many of a cluster's nodes vote, and how many have to. */
export function countVotes({ nodes }: ClusterState): {
  readonly expected: number;
  readonly total: number;
  readonly quorum: number;
} {
  const members = Object.values(nodes);
  const expected = members.length;
  return { expected, total: members.filter(({ off }) => off !== true).length, quorum: Math.floor(expected / 2) + 1 };
}

/** Whether more than half of the nodes are there. */
export function isQuorate(state: ClusterState): boolean {
  const { total, quorum } = countVotes(state);
  return total >= quorum;
}

/** What endpoints ask for before they do anything else; guests can be stopped, but not started. */
const asked = /^POST \/nodes\/\{node\}\/(?:lxc|qemu)(?:\/\{vmid\}\/(?:clone|migrate|template|status\/start))?$/;

/** What endpoints lock first, and what they say of a lock that they do not get. */
const locked: Readonly<Partial<Record<EndpointKey, readonly [failure: string, file: string]>>> = {
  "POST /pools": ["create pool failed", "user_cfg"],
  "PUT /pools": ["update pools failed", "user_cfg"],
  "PUT /pools/{poolid}": ["update pools failed", "user_cfg"],
  "DELETE /pools": ["delete pool failed", "user_cfg"],
  "DELETE /pools/{poolid}": ["delete pool failed", "user_cfg"],
  "POST /storage": ["create storage failed", "storage_cfg"],
  "PUT /storage/{storage}": ["update storage failed", "storage_cfg"],
  "DELETE /storage/{storage}": ["delete storage failed", "storage_cfg"],
};

/**
 * Refuses a request that needs the cluster to be able to decide.
 * @throws {NoQuorum}
 */
export function requireQuorum(state: ClusterState, key: EndpointKey): void {
  if (isQuorate(state)) return;
  if (asked.test(key)) throw new NoQuorum();
  const [failure, file] = locked[key] ?? [];
  if (failure !== undefined && file !== undefined) throw new NoQuorum(`${failure}: ${lockError(`file-${file}`)}`);
}

/**
 * Refuses changes of what is in /etc/pve while it can only be read.
 * @throws {NoQuorum} in the words of whatever would have written there
 */
export function checkClusterWrites(state: ClusterState, patches: readonly Patch[]): void {
  if (isQuorate(state)) return;
  for (const { path } of patches) {
    const refusal = refusalOf(state, path.map(String));
    if (refusal !== undefined) throw new NoQuorum(refusal);
  }
}

function refusalOf(state: ClusterState, [area = "", name = "", part]: readonly string[]): string | undefined {
  switch (area) {
    case "guests":
      return refusalOfGuest(state, name, part);
    case "storages":
      if (part === "pool") return lockError("file-user_cfg");
      return part === undefined || part === "config" || part === "secret" ? lockError("file-storage_cfg") : undefined;
    case "nodes":
      if (part === "firewall") return lockError(`firewall-host-${name}`);
      return part === "config" ? deniedFile(`nodes/${name}/config`) : undefined;
    case "access":
      return lockError(name === "realms" ? "file-domains_cfg" : "file-user_cfg");
    case "sections":
    case "secrets":
      return lockError(sectionLocks[name] ?? `file-${name}`);
    default:
      return area in locks ? lockError(locks[area] ?? "") : undefined;
  }
}

function refusalOfGuest({ guests }: ClusterState, vmid: string, part: string | undefined): string | undefined {
  const guest = guests[vmid];
  if (part === undefined || part === "node" || guest === undefined) return "cluster not ready - no quorum?";
  if (part === "pool") return lockError("file-user_cfg");
  if (part === "firewall") return lockError(`firewall-vm-${vmid}`);
  if (!["config", "pending", "pendingForce", "snapshots"].includes(part)) return undefined;
  return deniedFile(`nodes/${guest.node}/${guest.type === "lxc" ? "lxc" : "qemu-server"}/${vmid}.conf`);
}

const locks: Readonly<Record<string, string>> = {
  datacenter: "file-datacenter_cfg",
  firewall: "firewall-cluster",
  haDisarmed: "domain-ha",
  pools: "file-user_cfg",
  sdn: "domain-sdn",
};

const sectionLocks: Readonly<Record<string, string>> = {
  acmeAccounts: "acme",
  acmePlugins: "file-priv_acme_plugins_cfg",
  backupJobs: "file-jobs_cfg",
  cpuModels: "file-virtual-guest_cpu-models_conf",
  dirMappings: "file-mapping_directory_cfg",
  haGroups: "domain-ha",
  haResources: "domain-ha",
  haRules: "domain-ha",
  matchers: "domain-notifications",
  metricServers: "file-status_cfg",
  notificationEndpoints: "domain-notifications",
  pciMappings: "file-mapping_pci_cfg",
  realmSyncJobs: "file-jobs_cfg",
  replicationJobs: "file-replication_cfg",
  usbMappings: "file-mapping_usb_cfg",
};

function lockError(lock: string): string {
  return `error with cfs lock '${lock}': no quorum!`;
}

function deniedFile(path: string): string {
  return `unable to open file '/etc/pve/${path}.tmp.1' - Permission denied`;
}
