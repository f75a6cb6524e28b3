import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { standInText } from "../shell/stand-in.ts";

/** Something that is published at an address, and made up here. */
export interface Release {
  /** As its publisher tells it; undefined where nobody has told the simulator. */
  readonly sha256: string | undefined;
  /** What stands for it. */
  readonly content: () => Promise<Buffer>;
}

/** What is known of one publisher's releases. */
interface KnownRelease {
  readonly url: RegExp;
  /** By version. */
  readonly sha256: Readonly<Record<string, string>>;
  readonly content: (version: string) => Promise<Buffer>;
}

const releases: readonly KnownRelease[] = [
  {
    url: /^https:\/\/github\.com\/traefik\/traefik\/releases\/download\/v([\d.]+)\/traefik_v\1_linux_amd64\.tar\.gz$/,
    sha256: { "3.7.10": "01811bb12d44f17280550f425f5e3128d6c325f2665c09e67a651ca535f490ce" },
    content: (version) =>
      packArchive({ "LICENSE.md": { text: "The MIT License (MIT)\n" }, traefik: standIn("traefik", version) }),
  },
  {
    url: /^https:\/\/files\.pythonhosted\.org\/packages\/py3\/p\/prometheus-pve-exporter\/prometheus_pve_exporter-([\d.]+)-py3-none-any\.whl$/,
    sha256: { "3.8.2": "bfaaf3575d9c29e524c11d771c56876a1f3ea452af1f62a1902cb820a10438f4" },
    content: () => Promise.resolve(emptyZip),
  },
];

/** What is published at an address, as far as the simulator knows it. */
export function findRelease(url: string): Release | undefined {
  for (const { url: form, sha256, content } of releases) {
    const version = form.exec(url)?.[1];
    if (version !== undefined)
      return {
        sha256: Object.hasOwn(sha256, version) ? sha256[version] : undefined,
        content: () => content(version),
      };
  }
  return undefined;
}

/** An archive of zip with nothing in it: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.16 */
const emptyZip = Buffer.from(`504b0506${"00".repeat(18)}`, "hex");

interface Member {
  readonly text: string;
  readonly mode?: number;
}

function standIn(program: string, version: string): Member {
  return { text: standInText(program, version), mode: 0o755 };
}

/** Its members belong to whoever has built the release. */
async function packArchive(members: Readonly<Record<string, Member>>): Promise<Buffer> {
  const archive = pack();
  for (const [name, { text, mode = 0o644 }] of Object.entries(members))
    archive.entry({ name, mode, uid: 1001, gid: 1001, mtime: new Date(0) }, text);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks));
}
