import { createHash } from "node:crypto";

// Programs that read gzip take what comes after a zero byte for padding.
const trailer =
  /\0\nSimulated download of (\S+)\nPublished SHA-256: ([0-9a-f]{64})\nSHA-256 of the bytes before: ([0-9a-f]{64})\n$/;
const longest = 4096;

/** What is published at an address, and cannot be had here. */
export interface Publication {
  readonly url: string;
  /** As its publisher tells it. */
  readonly sha256: string;
}

/** Bytes that stand for a download, followed by a trailer that says so; archives are read as if it were not there. */
export function sealDownload(content: Buffer, { url, sha256 }: Publication): Buffer {
  const own = hash(content);
  const text = `\0\nSimulated download of ${url}\nPublished SHA-256: ${sha256}\nSHA-256 of the bytes before: ${own}\n`;
  return Buffer.concat([content, Buffer.from(text)]);
}

/** The checksum that the publisher tells of a simulated download, as long as nobody has changed a byte of it. */
export function publishedSha256(data: Buffer): string | undefined {
  const end = data.subarray(-longest).toString("latin1");
  const [text, , published, own] = trailer.exec(end) ?? [];
  if (text === undefined) return undefined;
  return hash(data.subarray(0, data.length - text.length)) === own ? published : undefined;
}

function hash(data: Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}
