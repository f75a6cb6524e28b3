import { crc32 } from "node:zlib";
import { textOf, type Inputs, type Lookup } from "./lookup.ts";

/** How resources of one type are found and imported. */
export interface AdoptableKind {
  /** What tables call it. */
  readonly word: string;
  readonly lookup: (inputs: Inputs) => Lookup;
  /** What `pulumi import` takes. */
  readonly importId: (inputs: Inputs) => string;
  /** What the provider calls it in the state, where that is something else. */
  readonly stateId?: (inputs: Inputs) => string;
  /**
   * Whether it is made by writing it, over whatever was there: where nobody knows how far that has come, it is written
   * once more, which harms nobody.
   */
  readonly madeByWriting?: true;
  /** Whether a change of it adds to what is thought to be there, so that it must not be made twice. */
  readonly changedByDifference?: true;
  /**
   * Present where an import alone would lose what no API tells (a template, a URL, a password) and would then replace
   * the resource: it is imported with the program's own inputs for a state, which a refresh corrects where there is
   * something to read. These are the defaults of the provider that the program does not name.
   */
  readonly stateDefaults?: Inputs;
  /**
   * What Proxmox VE goes by where its answer says nothing, which the provider reads as nothing at all: by this the state
   * is completed, so that it is compared with what is in force. What was never written stays so.
   */
  readonly unsaid?: Inputs;
  /** Whether the provider writes out Proxmox VE's own defaults, and nothing but what was written satisfies it. */
  readonly writesDefaults?: true;
}

const storage = (word: string): AdoptableKind => ({
  word: "storage",
  lookup: (inputs) => ({ kind: "storage", id: textOf(inputs, "resourceId"), type: word }),
  importId: (inputs) => textOf(inputs, "resourceId"),
  stateDefaults: {},
});

/** By Pulumi's type; what is not here cannot be adopted, and adopt says so. */
export const adoptableKinds: Readonly<Record<string, AdoptableKind>> = {
  "proxmoxve:index/containerLegacy:ContainerLegacy": {
    word: "container",
    lookup: (inputs) => guestLookup(inputs, "lxc"),
    importId: (inputs) => textOf(inputs, "vmId"),
    stateDefaults: { timeoutStart: 300 },
  },
  "proxmoxve:index/vmLegacy:VmLegacy": {
    word: "machine",
    lookup: (inputs) => guestLookup(inputs, "qemu"),
    // Read by its import ID, the provider would wait a quarter of an hour for an agent that is silent.
    importId: (inputs) => textOf(inputs, "vmId"),
    stateDefaults: {},
  },
  "proxmoxve:index/fileLegacy:FileLegacy": {
    word: "snippet",
    lookup: (inputs) => {
      const { data, fileName } = rawSource(inputs);
      return { ...volumeLookup(inputs, fileName), bytes: Buffer.byteLength(data) };
    },
    importId: (inputs) => volumeId(inputs, rawSource(inputs).fileName),
    stateDefaults: {},
    madeByWriting: true,
  },
  "proxmoxve:download/file:File": {
    word: "image",
    lookup: (inputs) => volumeLookup(inputs, textOf(inputs, "fileName")),
    importId: (inputs) => volumeId(inputs, textOf(inputs, "fileName")),
    stateDefaults: { uploadTimeout: 600, verify: true },
  },
  "proxmoxve:node/disk/zfs:Zfs": {
    word: "pool",
    lookup: (inputs) => ({ kind: "pool", node: textOf(inputs, "nodeName"), name: textOf(inputs, "name") }),
    importId: (inputs) => `${textOf(inputs, "nodeName")}/${textOf(inputs, "name")}`,
    stateDefaults: {},
  },
  "proxmoxve:network/linux/bridge:Bridge": {
    word: "bridge",
    lookup: (inputs) => ({ kind: "bridge", node: textOf(inputs, "nodeName"), name: textOf(inputs, "name") }),
    importId: (inputs) => `${textOf(inputs, "nodeName")}:${textOf(inputs, "name")}`,
  },
  "proxmoxve:storage/zfspool:Zfspool": storage("zfspool"),
  "proxmoxve:storage/directory:Directory": storage("dir"),
  "proxmoxve:storage/nfs:Nfs": storage("nfs"),
  "proxmoxve:storage/cifs:Cifs": storage("cifs"),
  "proxmoxve:backup/job:Job": {
    word: "backup job",
    lookup: (inputs) => ({
      kind: "job",
      id: textOf(inputs, "resourceId"),
      node: textOf(inputs, "node"),
      storage: textOf(inputs, "storage"),
      schedule: textOf(inputs, "schedule"),
    }),
    importId: (inputs) => textOf(inputs, "resourceId"),
  },
  // No API tells its token: the next up writes the one that it knows.
  "proxmoxve:metrics/server:Server": {
    word: "metric server",
    lookup: (inputs) => ({ kind: "metric server", id: textOf(inputs, "name"), type: textOf(inputs, "type") }),
    importId: (inputs) => textOf(inputs, "name"),
  },
  "proxmoxve:node/firewall:Firewall": {
    word: "node firewall",
    lookup: () => ({ kind: "always" }),
    importId: (inputs) => textOf(inputs, "nodeName"),
    writesDefaults: true,
    madeByWriting: true,
  },
  "proxmoxve:cluster/firewallLegacy:FirewallLegacy": {
    word: "cluster firewall",
    lookup: () => ({ kind: "always" }),
    importId: () => "cluster-firewall",
    madeByWriting: true,
    unsaid: {
      enabled: false,
      ebtables: true,
      inputPolicy: "DROP",
      outputPolicy: "ACCEPT",
      forwardPolicy: "ACCEPT",
      logRatelimit: { enabled: true, burst: 5, rate: "1/second" },
    },
  },
  "proxmoxve:firewall/optionsLegacy:OptionsLegacy": {
    word: "guest firewall",
    lookup: (inputs) => ({ kind: "guest", ...guardedGuest(inputs) }),
    importId: guardedImportId,
    madeByWriting: true,
    unsaid: {
      enabled: false,
      inputPolicy: "DROP",
      outputPolicy: "ACCEPT",
      dhcp: true,
      ndp: true,
      radv: false,
      macfilter: true,
      ipfilter: false,
      logLevelIn: "nolog",
      logLevelOut: "nolog",
    },
  },
  "proxmoxve:firewall/rulesLegacy:RulesLegacy": {
    word: "firewall rules",
    lookup: (inputs) => ({ kind: "rules", ...guardedGuest(inputs) }),
    importId: guardedImportId,
    changedByDifference: true,
    stateId: (inputs) => {
      const { node, vmid, type } = guardedGuest(inputs);
      return `rule-${crc32(`nodes/${node}/${type}/${vmid}/firewall/rules`)}`;
    },
  },
};

function guestLookup(inputs: Inputs, type: "lxc" | "qemu"): Lookup {
  return { kind: "guest", node: textOf(inputs, "nodeName"), vmid: Number(textOf(inputs, "vmId")), type };
}

function guardedGuest(inputs: Inputs) {
  const isMachine = inputs["vmId"] !== undefined;
  return {
    node: textOf(inputs, "nodeName"),
    vmid: Number(textOf(inputs, isMachine ? "vmId" : "containerId")),
    type: isMachine ? ("qemu" as const) : ("lxc" as const),
  };
}

function guardedImportId(inputs: Inputs): string {
  const { node, vmid, type } = guardedGuest(inputs);
  return `${type === "qemu" ? "vm" : "container"}/${node}/${vmid}`;
}

function rawSource({ sourceRaw }: Inputs): { readonly data: string; readonly fileName: string } {
  const source = sourceRaw as Inputs;
  return { data: textOf(source, "data"), fileName: textOf(source, "fileName") };
}

function volumeId(inputs: Inputs, fileName: string): string {
  return `${textOf(inputs, "datastoreId")}:${textOf(inputs, "contentType")}/${fileName}`;
}

function volumeLookup(inputs: Inputs, fileName: string): Extract<Lookup, { kind: "volume" }> {
  return {
    kind: "volume",
    node: textOf(inputs, "nodeName"),
    storage: textOf(inputs, "datastoreId"),
    content: textOf(inputs, "contentType"),
    volumeId: volumeId(inputs, fileName),
  };
}
