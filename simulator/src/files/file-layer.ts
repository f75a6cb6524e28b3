import type { FileEntry } from "../state/files.ts";
import { FileError } from "./file-error.ts";

/** A file as a layer shows it. */
export type ShownEntry = FileEntry & {
  /** In bytes, of a file that is larger than what the simulator keeps of it. */
  readonly hollow?: number;
};

/** One part of a file system, where paths are whole and have no links in them: a disk, or a view of the cluster's state. */
export interface FileLayer {
  readonly find: (path: string) => ShownEntry | undefined;
  /** What is in a folder of this layer. */
  readonly names: (folder: string) => readonly string[];
  readonly put: (path: string, entry: ShownEntry) => void;
  readonly remove: (path: string) => void;
}

/** A folder of root that everyone may read. */
export function folderEntry(mtime = 0, mode = 0o755): FileEntry {
  return { kind: "folder", mode, uid: 0, gid: 0, content: "", mtime };
}

/** A file of root. */
export function fileEntry(content: string | Buffer, mtime = 0, mode = 0o644): FileEntry {
  return { kind: "file", mode, uid: 0, gid: 0, content: Buffer.from(content).toString("base64"), mtime };
}

/** A symbolic link. */
export function linkEntry(target: string, mtime = 0): FileEntry {
  return { kind: "link", mode: 0o777, uid: 0, gid: 0, content: target, mtime };
}

/** Of a file as base64: what is longer would make the state too large. */
const keptLength = 32 * 2 ** 20;

/** A disk: files by their path, and the folders that every system has. */
export function diskLayer(files: () => Record<string, FileEntry>, folders: ReadonlyMap<string, number>): FileLayer {
  return {
    find: (path) => {
      const mode = folders.get(path);
      return files()[path] ?? (mode === undefined ? undefined : folderEntry(0, mode));
    },
    names: (folder) => childrenOf([...Object.keys(files()), ...folders.keys()], folder),
    put: (path, { hollow, ...entry }) => {
      if (hollow !== undefined || entry.content.length > keptLength)
        throw new FileError("EIO", path, "the simulator does not keep files of this size");
      files()[path] = entry;
    },
    remove: (path) => {
      if (folders.has(path)) throw new FileError("EBUSY", path);
      Reflect.deleteProperty(files(), path);
    },
  };
}

/** What is mounted in a folder: files by their path below it. */
export function rootedLayer(root: string, files: () => Record<string, FileEntry>): FileLayer {
  const layer = diskLayer(files, new Map([["/", 0o755]]));
  const below = (path: string) => (path === root ? "/" : path.slice(root.length));
  return {
    find: (path) => layer.find(below(path)),
    names: (folder) => layer.names(below(folder)),
    put: (path, entry) => {
      layer.put(below(path), entry);
    },
    remove: (path) => {
      layer.remove(below(path));
    },
  };
}

/** /dev/null */
export const nullLayer: FileLayer = {
  find: () => fileEntry("", 0, 0o666),
  names: () => [],
  put: () => undefined,
  remove: (path) => {
    throw new FileError("EBUSY", path);
  },
};

/** Files whose text is made from the state at each look. */
export interface TextFile {
  readonly read: () => string;
  /** Absent: read-only. */
  readonly write?: ((text: string) => void) | undefined;
  readonly remove?: (() => void) | undefined;
  readonly mode?: number;
}

/** The names right below a folder, of paths. */
export function childrenOf(paths: readonly string[], folder: string): string[] {
  const prefix = folder === "/" ? "/" : `${folder}/`;
  const below = paths.filter((path) => path.startsWith(prefix) && path !== prefix);
  return [...new Set(below.map((path) => path.slice(prefix.length).split("/")[0] ?? ""))];
}
