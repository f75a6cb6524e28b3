import { posix } from "node:path";
import { FileError } from "../files/file-error.ts";
import { childrenOf, folderEntry, type FileLayer, type ShownEntry } from "../files/file-layer.ts";
import { keepsFiles } from "../guest/volumes.ts";
import type { StorageState, Volume, VolumeContent } from "../state/storage.ts";
import type { World } from "../world.ts";

/** The folders of a directory storage: https://pve.proxmox.com/wiki/Storage:_Directory */
const folders = {
  backup: "dump",
  images: "images",
  import: "import",
  iso: "template/iso",
  rootdir: "private",
  snippets: "snippets",
  vztmpl: "template/cache",
} as const satisfies Record<VolumeContent, string>;

/** Names that Proxmox takes for a volume of each kind; what else lies in the folder is a file like any other. */
const names: Readonly<Record<Exclude<VolumeContent, "rootdir">, RegExp>> = {
  backup: /^vzdump-(?:lxc|qemu)-(?<vmid>\d+)-.+\.(?<format>tgz|(?:tar|vma)(?:\.(?:gz|lzo|zst|bz2))?)$/,
  images: /^(?<vmid>\d+)\/[^/]+\.(?<format>raw|qcow2|vmdk)$/,
  import: /^[^/]+\.(?<format>ova|ovf|qcow2|raw|vmdk)$/,
  iso: /^[^/]+\.(?:iso|img)$/i,
  snippets: /^[^/]+$/,
  vztmpl: /^[^/]+\.tar\.(?<format>gz|xz|zst|bz2)$/,
};

const formats: Readonly<Record<string, string>> = {
  "vztmpl.gz": "tgz",
  "vztmpl.xz": "txz",
  "vztmpl.zst": "tzst",
  "vztmpl.bz2": "tbz2",
  iso: "iso",
  snippets: "snippet",
};

/** What is larger is there with its size alone. */
const keptBytes = 8 * 2 ** 20;

/** Where a node has a storage of files; undefined for the other kinds. */
export function storagePath(storage: StorageState): string | undefined {
  if (!keepsFiles(storage)) return undefined;
  return storage.config["path"] ?? `/mnt/pve/${storage.storage}`;
}

/** The file of a volume on a storage of files. */
export function volumePath(storage: StorageState, volume: Volume): string {
  const name = volume.name.replace(/^(?:backup|import|iso|snippets|vztmpl)\//, "");
  return posix.join(storagePath(storage) ?? "/", folderOf(storage, contentFolder(volume)), name);
}

/** A storage as a folder: its volumes are files, and what is no volume lies on the disk below. */
export function storageLayer(world: World, node: string, storage: StorageState, disk: FileLayer): FileLayer {
  const volumes = () => world.volumesOn(node, storage.storage);
  const files = () => Object.values(volumes()).map((volume) => volumePath(storage, volume));
  const root = storagePath(storage) ?? "/";
  const built = new Set(Object.values(folders).map((folder) => posix.join(root, folder)));
  const isFolder = (path: string) =>
    [...built].some((folder) => folder === path || folder.startsWith(`${path}/`)) ||
    files().some((file) => file.startsWith(`${path}/`));
  return {
    find: (path) => {
      const id = identify(storage, path);
      const volume = id === undefined ? undefined : volumes()[id.name];
      if (volume !== undefined) return showVolume(volume);
      return disk.find(path) ?? (isFolder(path) ? folderEntry() : undefined);
    },
    names: (folder) => [...new Set([...childrenOf([...files(), ...built], folder), ...disk.names(folder)])],
    put: (path, entry) => {
      const id = identify(storage, path);
      if (entry.kind === "file" && id !== undefined) volumes()[id.name] = keepVolume(entry, id, volumes()[id.name]);
      else disk.put(path, entry);
    },
    remove: (path) => {
      const id = identify(storage, path);
      if (id !== undefined && volumes()[id.name] !== undefined) Reflect.deleteProperty(volumes(), id.name);
      else if (disk.find(path) === undefined) throw new FileError("EBUSY", path);
      else disk.remove(path);
    },
  };
}

interface VolumeId {
  readonly name: string;
  readonly content: VolumeContent;
  readonly format: string;
  readonly vmid: number | undefined;
}

function identify(storage: StorageState, path: string): VolumeId | undefined {
  const root = storagePath(storage);
  if (root === undefined) return undefined;
  for (const [content, pattern] of Object.entries(names) as [keyof typeof names, RegExp][]) {
    const prefix = `${posix.join(root, folderOf(storage, content))}/`;
    if (!path.startsWith(prefix)) continue;
    const file = path.slice(prefix.length);
    const match = pattern.exec(file);
    if (match === null) continue;
    const { format = content, vmid } = match.groups ?? {};
    return {
      name: content === "images" ? file : `${content}/${file}`,
      content,
      format: formats[`${content}.${format}`] ?? formats[content] ?? format,
      vmid: vmid === undefined ? undefined : Number(vmid),
    };
  }
  return undefined;
}

/** Disks of containers lie among those of virtual machines. */
function contentFolder({ content, name }: Volume): VolumeContent {
  return content === "rootdir" && /^\d+\//.test(name) ? "images" : content;
}

function folderOf({ config }: StorageState, content: VolumeContent): string {
  const written = config["content-dirs"]?.split(",").find((entry) => entry.startsWith(`${content}=`));
  return written?.slice(content.length + 1) ?? folders[content];
}

function showVolume({ size, data, created, mode = 0o644 }: Volume): ShownEntry {
  const entry = { kind: "file" as const, mode, uid: 0, gid: 0, mtime: created, content: data ?? "" };
  return data === undefined && size > 0 ? { ...entry, hollow: size } : entry;
}

function keepVolume(entry: ShownEntry, { name, content, format, vmid }: VolumeId, known: Volume | undefined): Volume {
  const size = entry.hollow ?? Buffer.byteLength(entry.content, "base64");
  const owner = vmid === undefined ? {} : { vmid };
  const { data: _data, mode: _mode, ...rest }: Partial<Volume> = known ?? owner;
  const keeps = entry.hollow === undefined && size <= keptBytes;
  const { mode, mtime: created } = entry;
  return {
    name,
    content,
    format,
    ...rest,
    size,
    created,
    ...(mode === 0o644 ? {} : { mode }),
    ...(keeps ? { data: entry.content } : {}),
  };
}
