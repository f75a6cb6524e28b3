import { posix } from "node:path";
import { FileError } from "../../files/file-error.ts";
import type { FileSystem } from "../../files/file-system.ts";

/** Makes a folder and those above it. */
export function makeFolders(files: FileSystem, path: string, mode = 0o755): void {
  if (files.exists(path)) {
    if (files.stat(path).kind !== "folder") throw new FileError("EEXIST", path);
    return;
  }
  makeFolders(files, posix.dirname(path));
  files.mkdir(path, mode);
}
