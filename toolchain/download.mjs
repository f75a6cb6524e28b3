import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

/** How long a server may send nothing before a download counts as blocked. */
const silenceMs = 20_000;

/**
 * Downloads a URL into a file and returns the SHA-256 of what arrived, as hexadecimal digits.
 * @param {string} url
 * @param {string} file
 * @param {{ signal?: AbortSignal | undefined, doing: (what: string) => void }} options
 */
export async function downloadFile(url, file, { signal, doing }) {
  doing(`connecting to ${new URL(url).host}`);
  const silence = new AbortController();
  const watchdog = setTimeout(() => {
    silence.abort(new Error(`${url} sent nothing for ${String(silenceMs / 1000)} s`));
  }, silenceMs);
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([silence.signal, ...(signal === undefined ? [] : [signal])]),
    });
    if (!response.ok || response.body === null)
      throw new Error(`${url} answered ${String(response.status)} ${response.statusText}`);
    const total = Number(response.headers.get("content-length") ?? 0);
    const hash = createHash("sha256");
    let received = 0;
    const meter = new Transform({
      transform(/** @type {Buffer} */ chunk, _encoding, done) {
        watchdog.refresh();
        hash.update(chunk);
        received += chunk.length;
        doing(describeReceived(received, total));
        done(null, chunk);
      },
    });
    await pipeline(
      Readable.fromWeb(/** @type {import("node:stream/web").ReadableStream} */ (response.body)),
      meter,
      createWriteStream(file),
    );
    return hash.digest("hex");
  } finally {
    clearTimeout(watchdog);
  }
}

/**
 * @param {number} received
 * @param {number} total
 */
function describeReceived(received, total) {
  const megabytes = (received / 1e6).toFixed(1);
  return total === 0 ? `${megabytes} MB` : `${megabytes} of ${(total / 1e6).toFixed(1)} MB`;
}
