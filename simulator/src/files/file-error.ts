const messages = {
  EACCES: "Permission denied",
  EBUSY: "Device or resource busy",
  EEXIST: "File exists",
  EINVAL: "Invalid argument",
  EIO: "Input/output error",
  EISDIR: "Is a directory",
  ELOOP: "Too many levels of symbolic links",
  ENOENT: "No such file or directory",
  ENOTDIR: "Not a directory",
  ENOTEMPTY: "Directory not empty",
  EPERM: "Operation not permitted",
  EXDEV: "Invalid cross-device link",
} as const;

/** What a file system refuses, in the words of the C library. */
export class FileError extends Error {
  override readonly name = "FileError";
  readonly code: keyof typeof messages;
  readonly path: string;

  constructor(code: keyof typeof messages, path: string, why?: string) {
    // Programs look for files that are not there all the time, and a stack costs more than the look.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(why === undefined ? messages[code] : `${messages[code]} (${why})`);
    Error.stackTraceLimit = stackTraceLimit;
    this.code = code;
    this.path = path;
  }
}
