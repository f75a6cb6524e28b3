import { keyAt, keyHosts } from "./known-keys.ts";
import { simulatedKey } from "./openpgp-key.ts";

/** What is at an address: `missing` where the host is known and the path is not; undefined where nobody knows the host. */
export function findDownload(url: string): Buffer | "missing" | undefined {
  const fingerprint = keyAt(url);
  if (fingerprint !== undefined) return Buffer.from(simulatedKey(fingerprint));
  return keyHosts().has(new URL(url).host) ? "missing" : undefined;
}
