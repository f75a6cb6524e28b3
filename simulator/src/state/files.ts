/** A file or folder of a simulated file system, by its absolute path. */
export interface FileEntry {
  readonly kind: "file" | "folder" | "link" | "block";
  /** Permission bits: 0o644. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of a file: base64, so that any bytes fit into JSON. Of a link: where it points to. */
  readonly content: string;
  /** Seconds since 1970. */
  readonly mtime: number;
}
