import { createHash } from "node:crypto";
import { ApiError } from "../api-error.ts";
import type { NodeState } from "../state/node.ts";

/** A source of packages that a node may have. */
interface Source {
  readonly handle: string;
  readonly file: string;
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Of those that Proxmox offers to add. */
  readonly name?: string;
}

const folder = "/etc/apt/sources.list.d";
const proxmoxKeys = "/usr/share/keyrings/proxmox-archive-keyring.gpg";
const debianKeys = "/usr/share/keyrings/debian-archive-keyring.gpg";
const debianComponents = ["main", "contrib", "non-free-firmware"];

/** In the order of the files. */
const sources: readonly Source[] = [
  ...cephSources("squid", "Squid"),
  ...cephSources("tentacle", "Tentacle"),
  {
    handle: "debian",
    file: "debian",
    uri: "http://deb.debian.org/debian/",
    suites: ["trixie", "trixie-updates"],
    components: debianComponents,
  },
  {
    handle: "debian-security",
    file: "debian",
    uri: "http://security.debian.org/debian-security/",
    suites: ["trixie-security"],
    components: debianComponents,
  },
  proxmoxSource("no-subscription", "No-Subscription"),
  proxmoxSource("test", "Test"),
  {
    ...proxmoxSource("enterprise", "Enterprise"),
    file: "pve-enterprise",
    uri: "https://enterprise.proxmox.com/debian/pve",
  },
];

/** The order in which Proxmox lists what one may add. */
const standard = ["enterprise", "no-subscription", "test"];

/** One source in a file, as the API shows it. */
interface ShownSource {
  readonly handle: string;
  readonly shown: {
    readonly Types: readonly ["deb"];
    readonly URIs: readonly string[];
    readonly Suites: readonly string[];
    readonly Components: readonly string[];
    readonly Options: readonly { readonly Key: string; readonly Values: readonly string[] }[];
    readonly FileType: "sources";
    readonly Enabled: 0 | 1;
  };
}

/** The files in which a node has its sources, in order. */
export function sourceFiles({ repositories }: NodeState): { readonly path: string; readonly sources: ShownSource[] }[] {
  const there = sources.filter(({ handle }) => isDebian(handle) || repositories[handle] !== undefined);
  return [...new Set(there.map(({ file }) => file))].map((file) => ({
    path: `${folder}/${file}.sources`,
    sources: there
      .filter((source) => source.file === file)
      .map(({ handle, uri, suites, components }) => ({
        handle,
        shown: {
          Types: ["deb"],
          URIs: [uri],
          Suites: suites,
          Components: components,
          Options: [{ Key: "Signed-By", Values: [isDebian(handle) ? debianKeys : proxmoxKeys] }],
          FileType: "sources",
          Enabled: (repositories[handle] ?? isDebian(handle)) ? 1 : 0,
        },
      })),
  }));
}

/** `GET /nodes/{node}/apt/repositories` */
export function listRepositories(node: NodeState) {
  const files = sourceFiles(node).map(({ path, sources: shown }) => ({
    path,
    "file-type": "sources" as const,
    repositories: shown.map((source) => source.shown),
    digest: [...createHash("sha256").update(JSON.stringify(shown)).digest()],
  }));
  const infos = sourceFiles(node).flatMap(({ path, sources: shown }) =>
    shown.map(({ handle }, index) => ({
      path,
      index: String(index),
      property: "URIs",
      kind: "origin",
      message: isDebian(handle) ? "Debian" : "Proxmox",
    })),
  );
  const ceph = sources.filter(({ file }) => file === "ceph").map(({ handle }) => handle);
  const offered = [...standard, ...ceph].map((handle) => {
    const status = node.repositories[handle];
    const name = sources.find((source) => source.handle === handle)?.name ?? handle;
    return { handle, name, ...(status === undefined ? {} : { status: status ? (1 as const) : (0 as const) }) };
  });
  return { files, errors: [], infos, digest: digestOfFiles(node), "standard-repos": offered };
}

/**
 * Adds one of the sources that Proxmox offers, or switches it on.
 * @throws {ApiError} 500
 */
export function addRepository(node: NodeState, handle: string): void {
  if (!sources.some((source) => source.handle === handle && source.name !== undefined)) {
    throw new ApiError(500, `unknown repository handle '${handle}'`);
  }
  node.repositories[handle] = true;
}

/**
 * Switches a source on or off.
 * @throws {ApiError} 500
 */
export function changeRepository(node: NodeState, path: string, index: number, enabled: boolean | undefined): void {
  const file = sourceFiles(node).find((candidate) => candidate.path === path);
  if (file === undefined) throw new ApiError(500, `invalid path - ${path}`);
  const source = file.sources[index];
  if (source === undefined) throw new ApiError(500, `invalid index - ${index}`);
  if (enabled !== undefined) node.repositories[source.handle] = enabled;
}

/** Guards against concurrent changes of any file. */
export function digestOfFiles(node: NodeState): string {
  return createHash("sha256")
    .update(JSON.stringify(sourceFiles(node)))
    .digest("hex");
}

function isDebian(handle: string): boolean {
  return handle.startsWith("debian");
}

function proxmoxSource(handle: string, name: string): Source {
  return {
    handle,
    name,
    file: "proxmox",
    uri: "http://download.proxmox.com/debian/pve",
    suites: ["trixie"],
    components: [`pve-${handle}`],
  };
}

function cephSources(release: string, title: string): Source[] {
  return [
    ["enterprise", "Enterprise"],
    ["no-subscription", "No-Subscription"],
    ["test", "Test"],
  ].map(([component = "", name = ""]) => ({
    handle: `ceph-${release}-${component}`,
    name: `Ceph ${title} ${name}`,
    file: "ceph",
    uri: `${component === "enterprise" ? "https://enterprise" : "http://download"}.proxmox.com/debian/ceph-${release}`,
    suites: ["trixie"],
    components: [component],
  }));
}
