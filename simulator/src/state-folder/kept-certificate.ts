import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createAuthority, issueServerCertificate, type Authority, type ServerCertificate } from "../certificates.ts";
import { messageOf, StartError } from "../start-error.ts";
import { writeDurably } from "./durable-file.ts";

/** As long as Proxmox's own: ten years for the authority, two for a node. */
const days = { authority: 3650, server: 730 };
const renewedBefore = 30 * 86_400_000;

interface Kept extends Authority {
  readonly server: ServerCertificate;
}

/** The certificate in a file, so that clients go on trusting the server; what is missing or about to expire is made anew. */
export async function keepCertificate(file: string, hostnames: readonly string[]): Promise<ServerCertificate> {
  const kept = readKept(file);
  if (kept !== undefined && isGood(kept.server.cert, hostnames)) return kept.server;
  const authority = kept !== undefined && isGood(kept.ca, []) ? kept : await createAuthority(days.authority);
  const server = await issueServerCertificate(authority, hostnames, days.server);
  const { ca, caKey } = authority;
  writeDurably(file, JSON.stringify({ ca, caKey, server } satisfies Kept, undefined, 1));
  return server;
}

function readKept(file: string): Kept | undefined {
  try {
    return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Kept) : undefined;
  } catch (error) {
    const problem = `The certificates cannot be read: ${messageOf(error)}.`;
    throw new StartError(file, problem, "Restore the file, or remove it; clients must trust a new authority then.");
  }
}

function isGood(certificate: string, hostnames: readonly string[]): boolean {
  const parsed = new X509Certificate(certificate);
  const isCurrent = Date.parse(parsed.validTo) > Date.now() + renewedBefore;
  return isCurrent && hostnames.every((hostname) => parsed.checkHost(hostname) !== undefined);
}
