import { X509Certificate } from "node:crypto";
import { z } from "zod";
import type { AdminApi } from "./admin-api.ts";
import { BootstrapError } from "./bootstrap-error.ts";

const Members = z.array(z.object({ type: z.string(), name: z.string(), local: z.coerce.number().default(0) }));
const Certificates = z.array(z.object({ filename: z.string(), pem: z.string().optional() }));

/**
 * Finds the certificate authority by which the provider, too, can know the node again: the cluster's own, or a
 * certificate that has signed itself. Undefined where someone else has signed it.
 */
export async function findAuthority(api: AdminApi, shown: string): Promise<string | undefined> {
  const leaf = new X509Certificate(shown);
  const certificates = await readCertificates(api);
  const candidates = [...certificates.map(({ pem }) => pem).filter((pem) => pem !== undefined), shown];
  return candidates.find((pem) => {
    const authority = new X509Certificate(pem);
    return leaf.checkIssued(authority) && leaf.verify(authority.publicKey);
  });
}

/** Reads the certificate of the cluster's own authority, which signs each node's: /etc/pve/pve-root-ca.pem. */
export async function readClusterAuthority(api: AdminApi): Promise<string> {
  const own = (await readCertificates(api)).find(({ filename }) => filename === "pve-root-ca.pem");
  if (own?.pem === undefined)
    throw new BootstrapError(
      "The node does not tell the certificate of the cluster's authority. Copy /etc/pve/pve-root-ca.pem from it, and set it by hand:\n  npm run pulumi -- config set --secret pveAuthority < pve-root-ca.pem",
    );
  return own.pem.trimEnd();
}

async function readCertificates(api: AdminApi): Promise<z.infer<typeof Certificates>> {
  const members = await api.request(Members, "GET", "/cluster/status");
  const local = members.find((member) => member.type === "node" && member.local !== 0);
  return local === undefined ? [] : api.request(Certificates, "GET", `/nodes/${local.name}/certificates/info`);
}
