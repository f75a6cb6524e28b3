import ssh2, { type Attributes, type FileEntry, type SFTPWrapper } from "ssh2";
import { FileError } from "../files/file-error.ts";
import type { FileSystem } from "../files/file-system.ts";
import { SftpOperations, type Answer } from "./sftp-operations.ts";

const { STATUS_CODE } = ssh2.utils.sftp;

/**
 * Serves a node's files over SFTP version 3: https://datatracker.ietf.org/doc/html/draft-ietf-secsh-filexfer-02
 * @param client how the client calls itself
 */
export function serveSftp(sftp: SFTPWrapper, files: FileSystem, client: string): void {
  const operations = new SftpOperations(files);
  const answer = (id: number, work: () => Answer) => {
    try {
      send(sftp, id, work());
    } catch (error) {
      sftp.status(id, codeOf(error), error instanceof Error ? error.message : String(error));
    }
  };
  // ssh2 turns the two around for OpenSSH's clients, where OpenSSH's server expects the target first, whoever asks.
  const turned = /^SSH-2\.0-(?:OpenSSH|dropbear)/.test(client);
  sftp
    .on("OPEN", (id, path, flags, attributes) => {
      answer(id, () => operations.open(path, flags, attributes));
    })
    .on("READ", (id, handle, offset, length) => {
      answer(id, () => operations.read(handle, offset, length));
    })
    .on("WRITE", (id, handle, offset, data) => {
      answer(id, () => operations.write(handle, offset, data));
    })
    .on("FSTAT", (id, handle) => {
      answer(id, () => operations.fstat(handle));
    })
    .on("FSETSTAT", (id, handle, change) => {
      answer(id, () => operations.fsetstat(handle, change));
    })
    .on("CLOSE", (id, handle) => {
      answer(id, () => operations.close(handle));
    })
    .on("OPENDIR", (id, path) => {
      answer(id, () => operations.openFolder(path));
    })
    .on("READDIR", (id, handle) => {
      answer(id, () => operations.readFolder(handle));
    })
    .on("STAT", (id, path) => {
      answer(id, () => operations.stat(path));
    })
    .on("LSTAT", (id, path) => {
      answer(id, () => operations.lstat(path));
    })
    .on("SETSTAT", (id, path, change) => {
      answer(id, () => operations.setstat(path, change));
    })
    .on("REMOVE", (id, path) => {
      answer(id, () => operations.remove(path));
    })
    .on("MKDIR", (id, path, attributes) => {
      answer(id, () => operations.mkdir(path, attributes));
    })
    .on("RMDIR", (id, path) => {
      answer(id, () => operations.rmdir(path));
    })
    .on("RENAME", (id, from, to) => {
      answer(id, () => operations.rename(from, to));
    })
    .on("REALPATH", (id, path) => {
      answer(id, () => operations.realpath(path));
    })
    .on("READLINK", (id, path) => {
      answer(id, () => operations.readlink(path));
    })
    .on("SYMLINK", (id, first, second) => {
      answer(id, () => (turned ? operations.symlink(second, first) : operations.symlink(first, second)));
    })
    .on("close", () => {
      operations.saveAll();
    })
    .on("end", () => {
      operations.saveAll();
      exit(sftp);
    });
}

function send(sftp: SFTPWrapper, id: number, answer: Answer): void {
  if (answer === "ok") sftp.status(id, STATUS_CODE.OK);
  else if (answer === "end") sftp.status(id, STATUS_CODE.EOF);
  else if ("handle" in answer) sftp.handle(id, answer.handle);
  else if ("data" in answer) sftp.data(id, answer.data);
  else if ("attributes" in answer) sftp.attrs(id, answer.attributes);
  else sftp.name(id, answer.names.map(completed));
}

/** Names that are asked for alone come without attributes. */
function completed({ filename, longname = filename, attrs }: Partial<FileEntry> & { filename: string }): FileEntry {
  return { filename, longname, attrs: attrs ?? ({} as Attributes) };
}

/** Ends as a program that succeeded: scp looks at the status, which ssh2 lets no one send on this kind of channel. */
function exit(sftp: SFTPWrapper): void {
  const { _protocol, outgoing } = sftp as unknown as {
    readonly _protocol: { readonly exitStatus: (channel: number, status: number) => void };
    readonly outgoing: { readonly id: number };
  };
  _protocol.exitStatus(outgoing.id, 0);
  sftp.end();
}

function codeOf(error: unknown): number {
  if (!(error instanceof FileError)) return STATUS_CODE.FAILURE;
  if (error.code === "ENOENT") return STATUS_CODE.NO_SUCH_FILE;
  return error.code === "EACCES" || error.code === "EPERM" ? STATUS_CODE.PERMISSION_DENIED : STATUS_CODE.FAILURE;
}
