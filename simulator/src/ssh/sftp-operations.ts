import { posix } from "node:path";
import ssh2, { type Attributes, type FileEntry } from "ssh2";
import { FileError } from "../files/file-error.ts";
import type { FileStatus, FileSystem } from "../files/file-system.ts";
import { printMode } from "../shell/programs/modes.ts";
import { OpenFile } from "./open-file.ts";

/** What a request is answered with. */
export type Answer =
  | "ok"
  | "end"
  | { readonly handle: Buffer }
  | { readonly data: Buffer }
  | { readonly attributes: Attributes }
  | { readonly names: readonly (Partial<FileEntry> & { readonly filename: string })[] };

/** A folder that is being listed. */
interface OpenFolder {
  readonly path: string;
  readonly names: string[];
}

const { OPEN_MODE } = ssh2.utils.sftp;
const kinds = { block: 0o060000, file: 0o100000, folder: 0o040000, link: 0o120000 } as const;
const namesAtOnce = 100;
/** Of the server, as Debian starts it. */
const umask = 0o022;

/** What one client does over SFTP, in the manner of OpenSSH's sftp-server. */
export class SftpOperations {
  readonly #files: FileSystem;
  readonly #opened = new Map<string, OpenFile | OpenFolder>();
  #next = 0;

  constructor(files: FileSystem) {
    this.#files = files;
  }

  open(name: string, flags: number, { mode = 0o666 }: Partial<Attributes>): Answer {
    this.saveAll();
    const path = absolute(name);
    const there = this.#files.exists(path);
    if (there && (flags & OPEN_MODE.EXCL) !== 0) throw new FileError("EEXIST", path);
    if (!there && (flags & OPEN_MODE.CREAT) === 0) throw new FileError("ENOENT", path);
    if (there && this.#files.stat(path).kind === "folder") throw new FileError("EISDIR", path);
    if (!there || (flags & OPEN_MODE.TRUNC) !== 0) this.#files.write(path, "", mode & 0o7777 & ~umask);
    return this.#keep(new OpenFile(this.#files, path, (flags & OPEN_MODE.APPEND) !== 0));
  }

  read(handle: Buffer, offset: number, length: number): Answer {
    const data = this.#file(handle).read(offset, length);
    return data.length === 0 ? "end" : { data };
  }

  write(handle: Buffer, offset: number, data: Buffer): Answer {
    this.#file(handle).write(offset, data);
    return "ok";
  }

  fstat(handle: Buffer): Answer {
    return this.stat(this.#file(handle).path);
  }

  fsetstat(handle: Buffer, change: Partial<Attributes>): Answer {
    const file = this.#file(handle);
    this.setstat(file.path, change);
    file.forget();
    return "ok";
  }

  close(handle: Buffer): Answer {
    this.saveAll();
    this.#opened.delete(handle.toString());
    return "ok";
  }

  openFolder(name: string): Answer {
    this.saveAll();
    const path = this.#files.resolve(absolute(name));
    return this.#keep({ path, names: [".", "..", ...this.#files.list(path)] });
  }

  readFolder(handle: Buffer): Answer {
    const folder = this.#opened.get(handle.toString());
    if (folder === undefined || folder instanceof OpenFile) throw new FileError("EINVAL", "");
    const some = folder.names.splice(0, namesAtOnce);
    if (some.length === 0) return "end";
    return { names: some.map((name) => listing(name, this.#files.lstat(posix.join(folder.path, name)))) };
  }

  stat(path: string): Answer {
    this.saveAll();
    return { attributes: describe(this.#files.stat(absolute(path))) };
  }

  lstat(path: string): Answer {
    this.saveAll();
    return { attributes: describe(this.#files.lstat(absolute(path))) };
  }

  setstat(name: string, { size, mode, uid, gid, mtime }: Partial<Attributes>): Answer {
    this.saveAll();
    const path = absolute(name);
    if (size !== undefined && size !== this.#files.stat(path).size) {
      const data = this.#files.read(path);
      this.#files.write(path, Buffer.concat([data.subarray(0, size), Buffer.alloc(Math.max(0, size - data.length))]));
    }
    const change = {
      ...(mode === undefined ? {} : { mode: mode & 0o7777 }),
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
      ...(mtime === undefined ? {} : { mtime }),
    };
    if (Object.keys(change).length > 0) this.#files.change(path, change);
    return "ok";
  }

  remove(path: string): Answer {
    this.saveAll();
    this.#files.unlink(absolute(path));
    return "ok";
  }

  mkdir(path: string, { mode = 0o777 }: Partial<Attributes>): Answer {
    this.#files.mkdir(absolute(path), mode & 0o7777 & ~umask);
    return "ok";
  }

  rmdir(path: string): Answer {
    this.#files.rmdir(absolute(path));
    return "ok";
  }

  /** A file in the way is not replaced: that is an extension which clients ask for by another name. */
  rename(from: string, to: string): Answer {
    this.saveAll();
    if (this.#files.exists(absolute(to))) throw new FileError("EEXIST", to);
    this.#files.rename(absolute(from), absolute(to));
    return "ok";
  }

  realpath(path: string): Answer {
    return { names: [{ filename: this.#files.resolve(absolute(path)) }] };
  }

  readlink(path: string): Answer {
    return { names: [{ filename: this.#files.readlink(absolute(path)) }] };
  }

  symlink(target: string, path: string): Answer {
    this.#files.symlink(target, absolute(path));
    return "ok";
  }

  /** Writes what clients have sent into the files. */
  saveAll(): void {
    for (const thing of this.#opened.values()) if (thing instanceof OpenFile) thing.save();
  }

  #keep(thing: OpenFile | OpenFolder): Answer {
    const name = String(this.#next++);
    this.#opened.set(name, thing);
    return { handle: Buffer.from(name) };
  }

  #file(handle: Buffer): OpenFile {
    const thing = this.#opened.get(handle.toString());
    if (!(thing instanceof OpenFile)) throw new FileError("EINVAL", "");
    return thing;
  }
}

function describe({ kind, mode, uid, gid, size, mtime }: FileStatus): Attributes {
  return { mode: kinds[kind] | mode, uid, gid, size, atime: mtime, mtime };
}

function listing(name: string, status: FileStatus): FileEntry {
  const { kind, mode, size, mtime } = status;
  const date = new Date(mtime * 1000).toISOString().slice(0, 10);
  const longname = `${printMode(kind, mode)}    1 root     root     ${String(size).padStart(8)} ${date} ${name}`;
  return { filename: name, longname, attrs: describe(status) };
}

function absolute(path: string): string {
  return posix.resolve("/root", path);
}
