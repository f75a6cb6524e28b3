import type { Inventory } from "../inventory/inventory.ts";
import { locationOf } from "../inventory/storage-location.ts";
import type { Storage } from "../inventory/storage.ts";
import type { Origin } from "./hosts.ts";
import { nodeScopedName } from "./names.ts";
import { sortedEntries, sortedSet } from "./sorted.ts";

interface StoragePlanBase {
  /** Logical name and storage ID. */
  readonly name: string;
  readonly origin: Origin;
  readonly nodes: readonly string[];
  readonly content: readonly string[];
  /** Whether all nodes see the same files. */
  readonly shared: boolean;
  /** What the entry shows: `10.10.0.20:/volume1/proxmox`, `/var/lib/homelab`, `fast`. */
  readonly location: string;
}

/** Volumes in a ZFS pool. */
export interface ZfsStoragePlan extends StoragePlanBase {
  readonly type: "zfspool";
  /** The pool, or the dataset in it. */
  readonly dataset: string;
  readonly thin: boolean;
  /** Logical names of the pools that must be there first. */
  readonly pools: readonly string[];
}

/** Files in a folder of each node. */
export interface DirectoryStoragePlan extends StoragePlanBase {
  readonly type: "dir";
  readonly path: string;
}

/** Files on an NFS server. */
export interface NfsStoragePlan extends StoragePlanBase {
  readonly type: "nfs";
  readonly server: string;
  readonly export: string;
  /** Options of the mount, with the version. */
  readonly options: string;
}

/** Files on a server that speaks SMB. */
export interface CifsStoragePlan extends StoragePlanBase {
  readonly type: "cifs";
  readonly server: string;
  readonly share: string;
  /** The folder of the share that is mounted; absent where it is all of it. */
  readonly subdir?: string;
  readonly username: string;
  /** Name of the stack's secret setting. */
  readonly passwordSecret: string;
  /** Options of the mount, with the version: the provider has no setting of its own for it. */
  readonly options: string;
}

/** One storage, decided. */
export type StoragePlan = CifsStoragePlan | DirectoryStoragePlan | NfsStoragePlan | ZfsStoragePlan;

/** Decides all storages. */
export function planStorages(inventory: Inventory): StoragePlan[] {
  return sortedEntries(inventory.storage).map(([name, storage]) => planStorage(name, storage, inventory));
}

/** The nodes on which a storage is to be found. */
export function nodesOf(storage: Storage, { nodes }: Pick<Inventory, "nodes">): string[] {
  return sortedSet(storage.nodes ?? Object.keys(nodes));
}

function planStorage(name: string, storage: Storage, inventory: Inventory): StoragePlan {
  const nodes = nodesOf(storage, inventory);
  const { origin } = storage;
  const base = { name, origin, nodes, content: sortedSet(storage.content), location: locationOf(storage) };
  switch (storage.type) {
    case "zfspool": {
      const [pool = storage.pool] = storage.pool.split("/");
      const pools = nodes.map((node) => nodeScopedName(node, pool));
      return { ...base, type: "zfspool", shared: false, dataset: storage.pool, thin: storage.thin, pools };
    }
    case "dir":
      return { ...base, type: "dir", shared: false, path: storage.path };
    case "nfs": {
      const { server, version } = storage;
      return { ...base, type: "nfs", shared: true, server, export: storage.export, options: `vers=${version}` };
    }
    case "cifs": {
      const { server, share, subdir, username, passwordSecret } = storage;
      const options = [...sortedSet(storage.options), `vers=${storage.smbVersion}`].join(",");
      const folder = subdir === undefined ? {} : { subdir };
      const login = { username, passwordSecret, options };
      return { ...base, type: "cifs", shared: true, server, share, ...folder, ...login };
    }
  }
}
