import { posix } from "node:path";
import type { FileEntry } from "../state/files.ts";
import { FileError } from "./file-error.ts";
import { folderEntry, type FileLayer, type ShownEntry } from "./file-layer.ts";

/** What `stat` tells of a file. */
export interface FileStatus {
  /** Without links on the way. */
  readonly path: string;
  readonly kind: FileEntry["kind"];
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** In bytes. */
  readonly size: number;
  readonly mtime: number;
}

/** Which layer has what is at a path and below. */
export interface Mount {
  readonly path: string;
  readonly layer: FileLayer;
}

/** What a file system needs to know of its machine. */
export interface FileSystemOptions {
  /** Asked at each look, since storages come and go; the one for `/` is among them. */
  readonly mounts: () => readonly Mount[];
  /** Does all of a change or nothing of it. */
  readonly change: <T>(work: () => T) => T;
  /** Seconds since 1970. */
  readonly now: () => number;
}

type Attributes = Partial<Pick<FileEntry, "mode" | "uid" | "gid" | "mtime">>;

const maximumLinks = 20;

/** Files and folders as a program on Linux finds them; paths are absolute, and everything is done by root. */
export class FileSystem {
  readonly #options: FileSystemOptions;

  constructor(options: FileSystemOptions) {
    this.#options = options;
  }

  /** What is at a path; a link is followed. */
  stat(path: string): FileStatus {
    return this.#status(this.resolve(path));
  }

  /** What is at a path, be it a link. */
  lstat(path: string): FileStatus {
    return this.#status(this.resolve(path, false));
  }

  exists(path: string): boolean {
    try {
      this.stat(path);
      return true;
    } catch (error) {
      if (error instanceof FileError) return false;
      throw error;
    }
  }

  read(path: string): Buffer {
    const real = this.resolve(path);
    const entry = this.#entry(real);
    if (entry.kind === "folder") throw new FileError("EISDIR", path);
    if (entry.hollow !== undefined)
      throw new FileError("EIO", path, "the simulator does not keep what is in this file");
    return Buffer.from(entry.content, "base64");
  }

  /** Replaces what is in a file, or creates it with a mode. */
  write(path: string, data: string | Buffer, mode = 0o644): void {
    const real = this.resolve(path);
    const { now } = this.#options;
    const known = this.#find(real);
    if (known?.kind === "folder") throw new FileError("EISDIR", path);
    if (known === undefined) this.#requireParent(real);
    const { hollow: _, ...kept } = known ?? { kind: "file" as const, mode, uid: 0, gid: 0 };
    this.#put(real, { ...kept, content: Buffer.from(data).toString("base64"), mtime: now() });
  }

  /** The names in a folder, sorted. */
  list(path: string): string[] {
    const real = this.resolve(path);
    if (this.#entry(real).kind !== "folder") throw new FileError("ENOTDIR", path);
    const mounted = this.#options
      .mounts()
      .filter((mount) => mount.path !== real && (real === "/" || mount.path.startsWith(`${real}/`)))
      .map((mount) => mount.path.slice(real === "/" ? 1 : real.length + 1).split("/")[0] ?? "");
    return [...new Set([...this.#layer(real).names(real), ...mounted])].filter((name) => name !== "").sort();
  }

  mkdir(path: string, mode = 0o755): void {
    const real = this.resolve(path, false);
    if (this.#find(real) !== undefined) throw new FileError("EEXIST", path);
    this.#requireParent(real);
    this.#put(real, folderEntry(this.#options.now(), mode));
  }

  rmdir(path: string): void {
    const real = this.resolve(path, false);
    if (this.#entry(real).kind !== "folder") throw new FileError("ENOTDIR", path);
    if (this.list(real).length > 0) throw new FileError("ENOTEMPTY", path);
    this.#remove(real);
  }

  unlink(path: string): void {
    const real = this.resolve(path, false);
    if (this.#entry(real).kind === "folder") throw new FileError("EISDIR", path);
    this.#remove(real);
  }

  symlink(target: string, path: string): void {
    const real = this.resolve(path, false);
    if (this.#find(real) !== undefined) throw new FileError("EEXIST", path);
    this.#requireParent(real);
    this.#put(real, { kind: "link", mode: 0o777, uid: 0, gid: 0, content: target, mtime: this.#options.now() });
  }

  readlink(path: string): string {
    const entry = this.#entry(this.resolve(path, false));
    if (entry.kind !== "link") throw new FileError("EINVAL", path);
    return entry.content;
  }

  /** Moves a file or a folder with all that is in it; a file in the way is replaced. */
  rename(from: string, to: string): void {
    const [source, target] = [this.resolve(from, false), this.resolve(to, false)];
    if (source === target) return;
    if (target.startsWith(`${source}/`)) throw new FileError("EINVAL", to);
    const [moved, replaced] = [this.#entry(source), this.#find(target)];
    this.#requireParent(target);
    if (replaced?.kind === "folder") {
      if (moved.kind !== "folder") throw new FileError("EISDIR", to);
      if (this.list(target).length > 0) throw new FileError("ENOTEMPTY", to);
    }
    this.#options.change(() => {
      this.#move(source, target);
    });
  }

  /** Changes mode, owner or time; a link is followed. */
  change(path: string, attributes: Attributes): void {
    const real = this.resolve(path);
    this.#put(real, { ...this.#entry(real), ...attributes });
  }

  /**
   * The path without links, `.` and `..`. What is named last need not exist.
   * @param followLast whether a link that is named last is followed, too
   */
  resolve(path: string, followLast = true): string {
    if (!path.startsWith("/")) throw new FileError("EINVAL", path);
    let links = 0;
    let rest = path.split("/").filter((part) => part !== "" && part !== ".");
    let real = "/";
    let folder: ShownEntry = this.#entry(real);
    while (rest.length > 0) {
      const [part = "", ...following] = rest;
      rest = following;
      if (folder.kind !== "folder") throw new FileError("ENOTDIR", path);
      real = part === ".." ? posix.dirname(real) : real === "/" ? `/${part}` : `${real}/${part}`;
      const entry = this.#find(real);
      if (entry === undefined && rest.length > 0) throw new FileError("ENOENT", path);
      if (entry?.kind !== "link" || (rest.length === 0 && !followLast)) {
        folder = entry ?? folder;
        continue;
      }
      if (++links > maximumLinks) throw new FileError("ELOOP", path);
      const target = posix.resolve(posix.dirname(real), entry.content);
      rest = [...target.split("/").filter((name) => name !== ""), ...rest];
      real = "/";
      folder = this.#entry(real);
    }
    return real;
  }

  #move(source: string, target: string): void {
    const entry = this.#entry(source);
    const children = entry.kind === "folder" ? this.list(source) : [];
    this.#put(target, entry);
    for (const child of children) this.#move(posix.join(source, child), posix.join(target, child));
    this.#remove(source);
  }

  #status(real: string): FileStatus {
    const { kind, mode, uid, gid, mtime, content, hollow } = this.#entry(real);
    const size =
      kind === "block"
        ? 0
        : kind === "folder"
          ? 4096
          : kind === "link"
            ? content.length
            : (hollow ?? base64Length(content));
    return { path: real, kind, mode, uid, gid, mtime, size };
  }

  #requireParent(real: string): void {
    if (this.#entry(posix.dirname(real)).kind !== "folder") throw new FileError("ENOTDIR", real);
  }

  #entry(real: string): ShownEntry {
    const entry = this.#find(real);
    if (entry === undefined) throw new FileError("ENOENT", real);
    return entry;
  }

  #find(real: string): ShownEntry | undefined {
    const entry = this.#layer(real).find(real);
    if (entry !== undefined) return entry;
    const leads = this.#options.mounts().some(({ path }) => path === real || path.startsWith(`${real}/`));
    return leads ? folderEntry() : undefined;
  }

  #put(real: string, entry: ShownEntry): void {
    this.#options.change(() => {
      this.#layer(real).put(real, entry);
    });
  }

  #remove(real: string): void {
    this.#options.change(() => {
      this.#layer(real).remove(real);
    });
  }

  #layer(real: string): FileLayer {
    const found = this.#options
      .mounts()
      .filter(({ path }) => path === "/" || real === path || real.startsWith(`${path}/`))
      .reduce((best, mount) => (mount.path.length > best.path.length ? mount : best));
    return found.layer;
  }
}

function base64Length(text: string): number {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}
