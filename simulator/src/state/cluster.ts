import type { AccessState } from "./access.ts";
import type { FileEntry } from "./files.ts";
import type { Guest } from "./guest.ts";
import type { NodeState } from "./node.ts";
import type { ReplicationRecord } from "./replication.ts";
import type { StorageState, Volume } from "./storage.ts";

/** A section of one of Proxmox's configuration files: every value as the file has it. */
export type Section = Record<string, string>;

/** Sections by their ID. */
export type Sections = Record<string, Section>;

/** One of user.cfg's pools. */
export interface PoolState {
  comment?: string;
  /** Its members that are not there, as permissions name them; the others say so themselves. */
  awaited?: string[];
}

/** Everything that the simulated cluster knows: plain data, which can be written as JSON. */
export interface ClusterState {
  name: string;
  nodes: Record<string, NodeState>;
  storages: Record<string, StorageState>;
  /**
   * By home (`pve-01/local-zfs`, or `nas` where a storage is shared), then by name. What is on a storage whose entry was removed
   * is at its location: `pve-01/left at dir /srv`.
   */
  volumes: Record<string, Record<string, Volume>>;
  /** By VMID. */
  guests: Record<string, Guest>;
  /** By UPID, oldest first. */
  tasks: Record<string, Task>;
  access: AccessState;
  /** datacenter.cfg */
  datacenter: Section;
  firewall: ClusterFirewall;
  /** user.cfg's pools: what is in them is written on guests and storages. */
  pools: Record<string, PoolState>;
  /** Configuration files that are nothing but sections. */
  sections: Record<SectionFile, Sections>;
  /** What belongs to sections and is set apart in /etc/pve/priv: never returned by any request. */
  secrets?: Partial<Record<SectionFile, Sections>>;
  sdn: SdnState;
  /** What replication jobs have done, by their ID. */
  replications?: Record<string, ReplicationRecord>;
  /** When backup jobs were made or ran last, by ID: seconds since 1970. */
  backupRuns?: Record<string, number>;
  /** While HA is disarmed: what happens to the requests of those who ask something of it. */
  haDisarmed?: "freeze" | "ignore";
  /** The SHA-256 by URL of what machines may download: of releases that the simulator knows no checksum of, or another one. */
  downloads?: Record<string, string>;
  /** What guests keep on shares that they have mounted themselves, by `server:/path`. */
  exports?: Record<string, Record<string, FileEntry>>;
  /** Notifications that went out, oldest first. */
  sent?: { target: string; title: string; time: number }[];
}

/** The configuration files of /etc/pve that are nothing but sections. */
export type SectionFile =
  | "acmeAccounts"
  | "acmePlugins"
  | "backupJobs"
  | "cpuModels"
  | "dirMappings"
  | "haGroups"
  | "haResources"
  | "haRules"
  | "matchers"
  | "metricServers"
  | "notificationEndpoints"
  | "pciMappings"
  | "realmSyncJobs"
  | "replicationJobs"
  | "usbMappings";

/** The configuration of software-defined networks: what runs, and what is written and not yet applied. */
export interface SdnState {
  running: Record<SdnFile, Sections>;
  configured: Record<SdnFile, Sections>;
  /** Of vnets, by ID. */
  firewalls?: Record<string, { options: Section; rules: FirewallRule[] }>;
  /** The token of whoever has locked the configuration. */
  lock?: string;
  /** How often it was applied. */
  version?: number;
}

/** The parts of /etc/pve/sdn. */
export type SdnFile = "controllers" | "dns" | "fabrics" | "ipams" | "subnets" | "vnets" | "zones";

/** One rule of a firewall, in the words of its file; the position is the place in the list. */
export type FirewallRule = Record<string, string>;

/** A set of addresses of a firewall. */
export interface IpSet {
  comment?: string;
  /** By CIDR. */
  entries: Record<string, { comment?: string; nomatch?: boolean }>;
}

/** A firewall of a guest: https://pve.proxmox.com/wiki/Firewall */
export interface Firewall {
  options: Section;
  rules: FirewallRule[];
  /** By name in lower case; `name` is its own spelling. */
  aliases: Record<string, { name?: string; cidr: string; comment?: string }>;
  ipsets: Record<string, IpSet>;
}

/** The cluster's firewall has groups of rules, too. */
export interface ClusterFirewall extends Firewall {
  groups: Record<string, { comment?: string; rules: FirewallRule[] }>;
}

/** One task, running or ended. */
export interface Task {
  readonly upid: string;
  readonly node: string;
  readonly pid: number;
  readonly pstart: number;
  readonly starttime: number;
  readonly type: string;
  readonly id: string;
  readonly user: string;
  log: string[];
  endtime?: number;
  exitstatus?: string;
}

/** A firewall without any rule. */
export function emptyFirewall(): Firewall {
  return { options: {}, rules: [], aliases: {}, ipsets: {} };
}
