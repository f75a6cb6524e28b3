// The library describes its classes with decorators, which need this before anything else.
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
  type X509Certificate,
} from "@peculiar/x509";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const day = 86_400_000;

/** A server's certificate and key, and the authority that signed it; all PEM. */
export interface ServerCertificate {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** SHA-256 of the certificate as Proxmox shows it: pairs of digits with colons. */
  readonly fingerprint: string;
}

/** Makes an authority and a certificate for loopback; the authority's key is forgotten right after. */
export async function createServerCertificate(hostnames: readonly string[]): Promise<ServerCertificate> {
  const validity = { notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + 30 * day) };
  const caKeys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const ca = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: "01",
    name: "CN=Proxmox VE simulator",
    signingAlgorithm: algorithm,
    keys: caKeys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const leaf = await createLeaf(ca, caKeys.privateKey, keys.publicKey, hostnames, validity);
  return {
    ca: ca.toString("pem"),
    cert: leaf.toString("pem"),
    key: PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY"),
    fingerprint: formatFingerprint(await leaf.getThumbprint("SHA-256")),
  };
}

async function createLeaf(
  ca: X509Certificate,
  signingKey: webcrypto.CryptoKey,
  publicKey: webcrypto.CryptoKey,
  hostnames: readonly string[],
  validity: { readonly notBefore: Date; readonly notAfter: Date },
): Promise<X509Certificate> {
  return X509CertificateGenerator.create({
    ...validity,
    serialNumber: "02",
    subject: "CN=127.0.0.1",
    issuer: ca.subject,
    signingAlgorithm: algorithm,
    signingKey,
    publicKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        { type: "ip", value: "127.0.0.1" },
        { type: "ip", value: "::1" },
        ...hostnames.map((value) => ({ type: "dns" as const, value })),
      ]),
      await SubjectKeyIdentifierExtension.create(publicKey),
      await AuthorityKeyIdentifierExtension.create(ca.publicKey),
    ],
  });
}

function formatFingerprint(hash: ArrayBuffer): string {
  return (Buffer.from(hash).toString("hex").toUpperCase().match(/../g) ?? []).join(":");
}
