import { createHash } from "node:crypto";
import { ApiError } from "../api-error.ts";

/** What a download would find. The simulator never connects to anything: a file is made up from its URL. */
export interface RemoteFile {
  readonly filename: string;
  readonly mimetype: string;
  /** In bytes. */
  readonly size: number;
}

const mib = 2 ** 20;
const mimetypes: Readonly<Record<string, string>> = {
  ".iso": "application/x-iso9660-image",
  ".zst": "application/zstd",
  ".gz": "application/gzip",
  ".xz": "application/x-xz",
};

/**
 * The file behind a URL: always the same for the same URL.
 * @throws {ApiError} 500 for names that exist nowhere (`*.invalid`, RFC 2606)
 */
export function remoteFile(url: string): RemoteFile {
  const { hostname, pathname } = new URL(url);
  if (hostname.endsWith(".invalid")) {
    throw new ApiError(
      500,
      `invalid server response: '500 Can't connect to ${hostname}:443 (Name or service not known)'`,
    );
  }
  const filename = decodeURIComponent(pathname.split("/").at(-1) ?? "");
  const [extension = ""] = /\.[a-z0-9]+$/i.exec(filename) ?? [];
  const hash = createHash("sha256").update(url).digest();
  return {
    filename,
    mimetype: mimetypes[extension] ?? "application/octet-stream",
    size: (100 + (hash[0] ?? 0) * 2) * mib,
  };
}
