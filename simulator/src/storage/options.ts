import { ApiError } from "../api-error.ts";
import { splitList } from "../lists.ts";
import type { Section } from "../state/cluster.ts";
import type { StorageType } from "../state/storage.ts";

interface TypeFacts {
  /** Options that have to be given, and can't be changed. */
  readonly required: readonly string[];
  /** Options that may be given, but not changed. */
  readonly fixed: readonly string[];
  readonly optional: readonly string[];
  readonly contents: readonly string[];
  readonly defaultContent: readonly string[];
}

const everywhere = ["content", "disable", "nodes"];
const files = [
  "bwlimit",
  "content-dirs",
  "create-base-path",
  "create-subdirs",
  "format",
  "max-protected-backups",
  "mkdir",
  "preallocation",
  "prune-backups",
  "snapshot-as-volume-chain",
];
/** Everything that some storage may hold. */
export const contentTypes: readonly string[] = [
  "backup",
  "images",
  "import",
  "iso",
  "none",
  "rootdir",
  "snippets",
  "vztmpl",
];

/** What each plugin of PVE::Storage takes: https://pve.proxmox.com/wiki/Storage */
const types: Readonly<Record<StorageType, TypeFacts>> = {
  dir: {
    required: ["path"],
    fixed: [],
    optional: [...everywhere, ...files, "is_mountpoint", "shared"],
    contents: contentTypes,
    defaultContent: ["images", "rootdir"],
  },
  nfs: {
    required: ["export", "server"],
    fixed: ["path"],
    optional: [...everywhere, ...files, "options"],
    contents: contentTypes,
    defaultContent: ["images"],
  },
  cifs: {
    required: ["server", "share"],
    fixed: ["path"],
    optional: [...everywhere, ...files, "domain", "options", "password", "smbversion", "subdir", "username"],
    contents: contentTypes,
    defaultContent: ["images"],
  },
  pbs: {
    required: ["datastore", "server"],
    fixed: [],
    optional: [
      ...everywhere,
      "encryption-key",
      "fingerprint",
      "master-pubkey",
      "max-protected-backups",
      "namespace",
      "password",
      "port",
      "prune-backups",
      "skip-cert-verification",
      "username",
    ],
    contents: ["backup", "none"],
    defaultContent: ["backup"],
  },
  zfspool: {
    required: ["pool"],
    fixed: [],
    optional: [...everywhere, "blocksize", "bwlimit", "mountpoint", "sparse"],
    contents: ["images", "none", "rootdir"],
    defaultContent: ["images", "rootdir"],
  },
};

/** Whether the simulator has a kind of storage. */
export function isStorageType(type: string): type is StorageType {
  return Object.hasOwn(types, type);
}

/**
 * Checks the options of a storage as PVE::SectionConfig does.
 * @param creating everything that is required has to be there
 * @throws {ApiError} 500
 */
export function checkStorageOptions(type: StorageType, options: Section, creating: boolean): void {
  const { required, fixed, optional, contents } = types[type];
  for (const name of Object.keys(options)) {
    const known = [...required, ...fixed, ...optional].includes(name);
    if (!known) throw new ApiError(500, `unexpected property '${name}'`);
    if (!creating && !optional.includes(name)) {
      throw new ApiError(500, `can't change value of fixed parameter '${name}'`);
    }
  }
  for (const content of splitList(options["content"])) {
    if (!contents.includes(content)) {
      throw new ApiError(500, `storage does not support content type '${content}'`);
    }
  }
  const missing = creating ? required.find((name) => options[name] === undefined) : undefined;
  if (missing !== undefined) throw new ApiError(500, `missing value for required option '${missing}'`);
}

/** The configuration of a new storage, with what its plugin adds. */
export function withPluginDefaults(type: StorageType, storage: string, options: Section): Section {
  const mounted = type === "nfs" || type === "cifs";
  const content = [...new Set(splitList(options["content"] ?? types[type].defaultContent.join(",")))].sort().join(",");
  return { ...(mounted ? { path: `/mnt/pve/${storage}` } : {}), ...options, content };
}
