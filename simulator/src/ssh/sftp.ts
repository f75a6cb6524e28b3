import { posix } from "node:path";
import ssh2, { type Attributes, type SFTPWrapper } from "ssh2";
import { FileError } from "../files/file-error.ts";
import type { FileStatus, FileSystem } from "../files/file-system.ts";
import { printMode } from "../shell/programs/modes.ts";
import { OpenFile } from "./open-file.ts";

const { STATUS_CODE, OPEN_MODE } = ssh2.utils.sftp;
const kinds = { file: 0o100000, folder: 0o040000, link: 0o120000 } as const;
const namesAtOnce = 100;

/** A folder that is being listed. */
interface OpenFolder {
  readonly path: string;
  readonly names: string[];
}

/**
 * Serves a node's files over SFTP version 3: https://datatracker.ietf.org/doc/html/draft-ietf-secsh-filexfer-02
 * @param client how the client calls itself
 */
export function serveSftp(sftp: SFTPWrapper, files: FileSystem, client: string): void {
  const opened = new Map<string, OpenFile | OpenFolder>();
  let next = 0;
  const open = (thing: OpenFile | OpenFolder): Buffer => {
    const name = String(next++);
    opened.set(name, thing);
    return Buffer.from(name);
  };
  const save = () => {
    for (const thing of opened.values()) if (thing instanceof OpenFile) thing.save();
  };
  const file = (handle: Buffer): OpenFile => {
    const thing = opened.get(handle.toString());
    if (!(thing instanceof OpenFile)) throw new FileError("EINVAL", "");
    return thing;
  };
  const folder = (handle: Buffer): OpenFolder => {
    const thing = opened.get(handle.toString());
    if (thing === undefined || thing instanceof OpenFile) throw new FileError("EINVAL", "");
    return thing;
  };
  /** Answers a request: with what the work sends itself, or with OK. */
  const answer = (id: number, work: () => boolean | undefined) => {
    try {
      if (work() !== true) sftp.status(id, STATUS_CODE.OK);
    } catch (error) {
      sftp.status(id, codeOf(error), error instanceof Error ? error.message : String(error));
    }
  };
  /** The same for what looks at files by their path: what was written before has to be there. */
  const act = (id: number, work: () => boolean | undefined) => {
    answer(id, () => {
      save();
      return work();
    });
  };
  const attributes = (id: number, status: FileStatus) => {
    sftp.attrs(id, describe(status));
    return true;
  };

  sftp
    .on("OPEN", (id, path, flags, { mode = 0o644 }: Partial<Attributes>) => {
      act(id, () => {
        const handle = open(openFile(files, absolute(path), flags, mode & 0o7777));
        sftp.handle(id, handle);
        return true;
      });
    })
    .on("READ", (id, handle, offset, length) => {
      answer(id, () => {
        const data = file(handle).read(offset, length);
        if (data.length === 0) sftp.status(id, STATUS_CODE.EOF);
        else sftp.data(id, data);
        return true;
      });
    })
    .on("WRITE", (id, handle, offset, data) => {
      answer(id, () => {
        file(handle).write(offset, data);
        return undefined;
      });
    })
    .on("FSTAT", (id, handle) => {
      act(id, () => attributes(id, files.stat(file(handle).path)));
    })
    .on("FSETSTAT", (id, handle, change) => {
      act(id, () => {
        const thing = file(handle);
        setAttributes(files, thing.path, change);
        thing.forget();
        return undefined;
      });
    })
    .on("CLOSE", (id, handle) => {
      act(id, () => {
        opened.delete(handle.toString());
        return undefined;
      });
    })
    .on("OPENDIR", (id, path) => {
      act(id, () => {
        const real = files.resolve(absolute(path));
        sftp.handle(id, open({ path: real, names: [".", "..", ...files.list(real)] }));
        return true;
      });
    })
    .on("READDIR", (id, handle) => {
      act(id, () => {
        const { path, names } = folder(handle);
        const some = names.splice(0, namesAtOnce);
        if (some.length === 0) sftp.status(id, STATUS_CODE.EOF);
        else
          sftp.name(
            id,
            some.map((name) => listing(name, files.lstat(posix.join(path, name)))),
          );
        return true;
      });
    })
    .on("STAT", (id, path) => {
      act(id, () => attributes(id, files.stat(absolute(path))));
    })
    .on("LSTAT", (id, path) => {
      act(id, () => attributes(id, files.lstat(absolute(path))));
    })
    .on("SETSTAT", (id, path, change) => {
      act(id, () => {
        setAttributes(files, absolute(path), change);
        return undefined;
      });
    })
    .on("REMOVE", (id, path) => {
      act(id, () => {
        files.unlink(absolute(path));
        return undefined;
      });
    })
    .on("MKDIR", (id, path, { mode = 0o755 }: Partial<Attributes>) => {
      act(id, () => {
        files.mkdir(absolute(path), mode & 0o7777);
        return undefined;
      });
    })
    .on("RMDIR", (id, path) => {
      act(id, () => {
        files.rmdir(absolute(path));
        return undefined;
      });
    })
    .on("RENAME", (id, from, to) => {
      act(id, () => {
        // OpenSSH's server does not replace a file on a plain rename.
        if (files.exists(absolute(to))) throw new FileError("EEXIST", to);
        files.rename(absolute(from), absolute(to));
        return undefined;
      });
    })
    .on("REALPATH", (id, path) => {
      act(id, () => {
        const filename = files.resolve(absolute(path));
        sftp.name(id, [{ filename, longname: filename, attrs: nothing }]);
        return true;
      });
    })
    .on("READLINK", (id, path) => {
      act(id, () => {
        const filename = files.readlink(absolute(path));
        sftp.name(id, [{ filename, longname: filename, attrs: nothing }]);
        return true;
      });
    })
    .on("SYMLINK", (id, first, second) => {
      act(id, () => {
        // OpenSSH's server expects the target first, whoever asks; ssh2 has turned it around for OpenSSH's clients.
        const [link, target] = /^SSH-2\.0-(?:OpenSSH|dropbear)/.test(client) ? [first, second] : [second, first];
        files.symlink(target, absolute(link));
        return undefined;
      });
    })
    .on("end", () => {
      save();
      sftp.end();
    })
    .on("close", save);
}

const nothing = {} as Attributes;

function openFile(files: FileSystem, path: string, flags: number, mode: number): OpenFile {
  const there = files.exists(path);
  if (there && (flags & OPEN_MODE.EXCL) !== 0) throw new FileError("EEXIST", path);
  if (!there && (flags & OPEN_MODE.CREAT) === 0) throw new FileError("ENOENT", path);
  if (there && files.stat(path).kind === "folder") throw new FileError("EISDIR", path);
  if (!there || (flags & OPEN_MODE.TRUNC) !== 0) files.write(path, "", mode);
  return new OpenFile(files, path, (flags & OPEN_MODE.APPEND) !== 0);
}

function setAttributes(files: FileSystem, path: string, { size, mode, uid, gid, mtime }: Partial<Attributes>): void {
  if (size !== undefined) {
    const data = files.read(path);
    files.write(path, Buffer.concat([data.subarray(0, size), Buffer.alloc(Math.max(0, size - data.length))]));
  }
  if (mode === undefined && uid === undefined && mtime === undefined) return;
  files.change(path, {
    ...(mode === undefined ? {} : { mode: mode & 0o7777 }),
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
    ...(mtime === undefined ? {} : { mtime }),
  });
}

function describe({ kind, mode, uid, gid, size, mtime }: FileStatus): Attributes {
  return { mode: kinds[kind] | mode, uid, gid, size, atime: mtime, mtime };
}

function listing(name: string, status: FileStatus) {
  const { kind, mode, size, mtime } = status;
  const date = new Date(mtime * 1000).toISOString().slice(0, 10);
  const longname = `${printMode(kind, mode)}    1 root     root     ${String(size).padStart(8)} ${date} ${name}`;
  return { filename: name, longname, attrs: describe(status) };
}

function absolute(path: string): string {
  return posix.resolve("/root", path);
}

function codeOf(error: unknown): number {
  if (!(error instanceof FileError)) return STATUS_CODE.FAILURE;
  if (error.code === "ENOENT") return STATUS_CODE.NO_SUCH_FILE;
  return error.code === "EACCES" || error.code === "EPERM" ? STATUS_CODE.PERMISSION_DENIED : STATUS_CODE.FAILURE;
}
