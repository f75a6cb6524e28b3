import { ApiError } from "../api-error.ts";
import type { Volume, VolumeContent } from "../state/storage.ts";

type FileContent = "iso" | "vztmpl" | "import" | "snippets" | "backup";

interface ContentFacts {
  /** Below the storage's path. */
  readonly folder: string;
  readonly pattern: RegExp;
}

/** The files that a storage of files knows by their folder and name: https://pve.proxmox.com/wiki/Storage:_Directory */
const facts: Readonly<Record<FileContent, ContentFacts>> = {
  iso: { folder: "template/iso", pattern: /^[^/]+\.(?:iso|img)$/i },
  vztmpl: { folder: "template/cache", pattern: /^[^/]+\.(?:tar\.(?:gz|xz|zst|bz2)|tar)$/ },
  import: { folder: "import", pattern: /^[^/]+\.(?:ova|ovf|qcow2|raw|vmdk)$/i },
  snippets: { folder: "snippets", pattern: /^[^/]+$/ },
  backup: {
    folder: "dump",
    pattern:
      /^vzdump-(?:lxc|qemu|openvz)-\d+-\d{4}_\d\d_\d\d-\d\d_\d\d_\d\d\.(?:tar|tgz|vma)(?:\.(?:gz|lzo|zst|bz2))?$/,
  },
};

/**
 * Checks the name of a file that is to be uploaded or downloaded, as PVE::Storage::normalize_content_filename and its callers do.
 * @throws {ApiError} 400
 */
export function checkFilename(content: FileContent, filename: string): string {
  const name = filename.replace(/^.*[/\\]/, "").replaceAll(/[^a-zA-Z0-9_.+-]/g, "_");
  if (!facts[content].pattern.test(name)) {
    throw new ApiError(400, `Parameter verification failed.`, { filename: "wrong file extension" });
  }
  return name;
}

/** The format of a volume that is a file, by its name. */
export function formatOfFile(content: FileContent, name: string): string {
  if (content === "vztmpl") return `t${name.slice(name.lastIndexOf(".") + 1)}`;
  if (content === "backup") return name.slice(name.indexOf(".") + 1);
  if (content === "snippets") return "snippet";
  return content === "iso" ? "iso" : name.slice(name.lastIndexOf(".") + 1).toLowerCase();
}

/** Whether a volume is a file that is no disk of a guest. */
export function isFileContent(content: VolumeContent): content is FileContent {
  return Object.hasOwn(facts, content);
}

/** Where a volume is on its node: what `pvesm path` says. */
export function pathOf({ path, pool }: Readonly<Record<string, string>>, volume: Volume): string {
  if (path === undefined)
    return volume.format === "subvol" ? `/${pool ?? ""}/${volume.name}` : `/dev/zvol/${pool ?? ""}/${volume.name}`;
  const base = volume.name.replace(/^[^/]+\//, "");
  if (isFileContent(volume.content)) return `${path}/${facts[volume.content].folder}/${base}`;
  return `${path}/images/${volume.name}`;
}
