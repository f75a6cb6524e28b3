import { posix } from "node:path";
import type { FileSystem } from "../files/file-system.ts";
import { makeFolders } from "../shell/programs/make-folders.ts";
import { linesOf } from "../shell/programs/paths.ts";
import { readFields } from "./apt-preferences.ts";
import { fingerprintsIn } from "./openpgp-key.ts";
import { keyOfRepository } from "./known-keys.ts";

/** One suite of a repository among the sources. */
export interface Source {
  readonly url: string;
  readonly suite: string;
  /** Files with keys, one of which has to have signed it, and fingerprints of the only ones of them that may; none: those that apt trusts anyway. */
  readonly signedBy: readonly string[];
  /** Nobody looks at signatures. */
  readonly trusted: boolean;
}

const [list, folder, keys] = ["/etc/apt/sources.list", "/etc/apt/sources.list.d", "/etc/apt/trusted.gpg.d"];
const lists = "/var/lib/apt/lists";

/** The sources of a system, of its files in both forms. */
export function readSources(files: FileSystem): Source[] {
  const names = files.exists(folder) ? files.list(folder) : [];
  const paths = [list, ...names.map((name) => posix.join(folder, name))].filter((path) => files.exists(path));
  return paths.flatMap((path) => {
    const text = files.read(path).toString("utf8");
    if (path.endsWith(".sources")) return text.split(/\n\s*\n/).flatMap(parseStanza);
    return path.endsWith(".list") ? linesOf(text).flatMap(parseLine) : [];
  });
}

/** Why apt refuses a source; undefined where it does not. */
export function refusalOf(files: FileSystem, source: Source): string | undefined {
  if (source.trusted || isDebian(source)) return undefined;
  const named = source.signedBy.filter((word) => word.startsWith("/"));
  const rings = named.length > 0 ? named : files.exists(keys) ? files.list(keys) : [];
  const paths = rings.map((ring) => posix.resolve(keys, ring)).filter((path) => files.exists(path));
  const known = paths.flatMap((path) => fingerprintsIn(files.read(path)));
  const wanted = keyOfRepository(source.url);
  const required = source.signedBy.filter((word) => !word.startsWith("/")).map((word) => word.replace(/!$/, ""));
  if (required.length > 0 && !required.includes(wanted ?? required[0] ?? ""))
    return `OpenPGP signature verification failed: ${source.url} ${source.suite} InRelease: No good signature from required signer: ${required.join(", ")}`;
  // Nobody knows who signs a repository that is not in the table: any key will do.
  if (wanted === undefined ? known.length > 0 : known.includes(wanted)) return undefined;
  const missing = wanted === undefined ? "The key" : `Missing key ${wanted}, which`;
  return `Sub-process /usr/bin/sqv returned an error code (1), error message is: ${missing} is needed to verify signature.`;
}

/** Whether a source is part of the distribution, whose keys and lists every system has. */
export function isDebian({ url }: Source): boolean {
  return /^https?:\/\/(?:[\w.-]+\.)?(?:debian\.org|ubuntu\.com|proxmox\.com)\//.test(`${url}/`);
}

/** Keeps what `apt-get update` has seen of a source. */
export function keepList(files: FileSystem, source: Source): void {
  makeFolders(files, lists);
  files.write(listFile(source), `Origin: ${source.url}\nSuite: ${source.suite}\n`);
}

/** Removes what was kept of sources that are there no longer. */
export function forgetLists(files: FileSystem, sources: readonly Source[]): void {
  if (!files.exists(lists)) return;
  const kept = new Set(sources.map(listFile));
  for (const name of files.list(lists)) {
    const path = posix.join(lists, name);
    if (name.endsWith("InRelease") && !kept.has(path)) files.unlink(path);
  }
}

/** The sources whose packages apt knows. */
export function listedSources(files: FileSystem): Source[] {
  return readSources(files).filter((source) => files.exists(listFile(source)));
}

function listFile({ url, suite }: Source): string {
  const name = `${url.replace(/^\w+:\/+/, "").replace(/\/+$/, "")}_dists_${suite}`;
  return posix.join(lists, `${name.replaceAll("/", "_")}_InRelease`);
}

function parseStanza(stanza: string): Source[] {
  const fields = readFields(stanza);
  const words = (name: string) => (fields.get(name) ?? "").split(/\s+/).filter((word) => word !== "");
  if (/^no|false$/i.test(fields.get("enabled") ?? "") || !words("types").includes("deb")) return [];
  const signedBy = words("signed-by");
  const trusted = /^(?:yes|true)$/i.test(fields.get("trusted") ?? "");
  return words("uris").flatMap((url) => words("suites").map((suite) => ({ url, suite, signedBy, trusted })));
}

function parseLine(line: string): Source[] {
  const [, options = "", url, suite] = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)/.exec(line) ?? [];
  if (url === undefined || suite === undefined) return [];
  const signedBy = /(?:^|\s)signed-by=(\S+)/.exec(options)?.[1]?.split(",") ?? [];
  return [{ url, suite, signedBy, trusted: /(?:^|\s)trusted=yes\b/.test(options) }];
}
