import { createHash } from "node:crypto";
import type { FastifyRequest } from "fastify";

/** A file that came with a request. */
export interface Upload {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** Of what is small enough to be kept, as a snippet is. */
  readonly content: Buffer | undefined;
  /** Hexadecimal digest of its bytes. */
  readonly digest: (algorithm: "md5" | "sha1" | "sha224" | "sha256" | "sha384" | "sha512") => string;
}

const algorithms = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"] as const;
const keptBytes = 2 ** 20;

/** Reads a multipart body as a stream: its file may be larger than memory, so that only small ones are kept. */
export async function receiveUpload(
  request: FastifyRequest,
): Promise<{ readonly fields: Record<string, string>; readonly file: Upload | undefined }> {
  const fields: Record<string, string> = {};
  let file: Upload | undefined;
  for await (const part of request.parts()) {
    if (part.type === "field") {
      fields[part.fieldname] = String(part.value);
      continue;
    }
    const hashes = algorithms.map((algorithm) => [algorithm, createHash(algorithm)] as const);
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of part.file as AsyncIterable<Buffer>) {
      size += chunk.length;
      for (const [, hash] of hashes) hash.update(chunk);
      if (size <= keptBytes) chunks.push(chunk);
    }
    const digests = Object.fromEntries(hashes.map(([algorithm, hash]) => [algorithm, hash.digest("hex")]));
    file = {
      name: part.filename,
      size,
      content: size <= keptBytes ? Buffer.concat(chunks) : undefined,
      digest: (algorithm) => digests[algorithm] ?? "",
    };
    fields[part.fieldname] = part.filename;
  }
  return { fields, file };
}
