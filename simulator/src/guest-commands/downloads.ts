import { sealDownload } from "../shell/programs/published-checksum.ts";
import { keyAt, keyHosts } from "./known-keys.ts";
import { findRelease } from "./known-releases.ts";
import { simulatedKey } from "./openpgp-key.ts";

/** Why nothing comes from an address: nobody knows the host, the path, or the checksum that is published of it. */
export type NoDownload = "no host" | "no path" | "no checksum";

/**
 * What is at an address.
 * @param chosen SHA-256 by URL, of what the simulator knows no checksum of, or another one
 */
export async function findDownload(
  url: string,
  chosen: Readonly<Record<string, string>>,
): Promise<Buffer | NoDownload> {
  const fingerprint = keyAt(url);
  if (fingerprint !== undefined) return Buffer.from(simulatedKey(fingerprint));
  const release = findRelease(url);
  if (release !== undefined) {
    const sha256 = Object.hasOwn(chosen, url) ? chosen[url] : release.sha256;
    return sha256 === undefined ? "no checksum" : sealDownload(await release.content(), { url, sha256 });
  }
  return keyHosts().has(new URL(url).host) ? "no path" : "no host";
}
