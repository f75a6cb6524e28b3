import { createPrivateKey, X509Certificate } from "node:crypto";
import { ApiError, invalidParameters } from "../api-error.ts";
import type { Handlers } from "../handlers.ts";
import { describeCertificate } from "../node/certificate-info.ts";

const customFile = "pveproxy-ssl.pem";

/** The certificates of a node: the cluster's, and one of its owner's. */
export const nodeCertificateHandlers: Handlers = {
  "GET /nodes/{node}/certificates/info": ({ node }, { world }) => {
    const own = world.certificate;
    const custom = world.node(node).certificate;
    return [
      ...(own === undefined
        ? []
        : [describeCertificate("pve-root-ca.pem", own.ca), describeCertificate("pve-ssl.pem", own.cert)]),
      ...(custom === undefined ? [] : [describeCertificate(customFile, custom.certificates)]),
    ];
  },
  "POST /nodes/{node}/certificates/custom": ({ node: name, certificates, key, force = false }, { world }) => {
    const node = world.node(name);
    const before = node.certificate;
    if (key === undefined && before?.key === undefined) {
      throw invalidParameters({ key: "Attempted to upload custom certificate without (existing) key." });
    }
    if (!force && before !== undefined) {
      throw new ApiError(500, "Custom certificate file exists but force flag is not set.");
    }
    const chain = withoutLeadingText(certificates);
    const used = key === undefined ? before?.key : withoutLeadingText(key);
    checkPair(name, chain, used ?? "");
    node.certificate = { certificates: chain, ...(used === undefined ? {} : { key: used }) };
    return describeCertificate(customFile, chain);
  },
  "DELETE /nodes/{node}/certificates/custom": ({ node }, { world }) => {
    delete world.node(node).certificate;
    return null;
  },
};

function checkPair(node: string, chain: string, key: string): void {
  const fail = (why: string) => new ApiError(500, `Setting certificate files failed - ${why}`);
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(chain);
  } catch {
    throw fail(`unable to read certificate from '/etc/pve/nodes/${node}/${customFile}'`);
  }
  let matches: boolean;
  try {
    matches = certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    throw fail(`Failed to load private key from '/etc/pve/nodes/${node}/pveproxy-ssl.key' into SSL context`);
  }
  if (!matches) throw fail("Failed to validate private key and certificate");
}

function withoutLeadingText(pem: string): string {
  return pem.slice(Math.max(0, pem.indexOf("-----BEGIN")));
}
