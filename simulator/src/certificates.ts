// The library describes its classes with decorators, which need this before anything else.
import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
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
  X509Certificate,
  X509CertificateGenerator,
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

/** A certificate authority with its key, PEM. */
export interface Authority {
  readonly ca: string;
  readonly caKey: string;
}

/** Makes an authority and a certificate for loopback; the authority's key is forgotten right after. */
export async function createServerCertificate(hostnames: readonly string[]): Promise<ServerCertificate> {
  return issueServerCertificate(await createAuthority(30), hostnames, 30);
}

/** Makes an authority that nobody else has. */
export async function createAuthority(days: number): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const ca = await X509CertificateGenerator.createSelfSigned({
    ...validFor(days),
    serialNumber: newSerialNumber(),
    name: "CN=Proxmox VE simulator",
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { ca: ca.toString("pem"), caKey: await exportKey(keys.privateKey) };
}

/** Makes a certificate for loopback and these names. */
export async function issueServerCertificate(
  { ca, caKey }: Authority,
  hostnames: readonly string[],
  days: number,
): Promise<ServerCertificate> {
  const signingKey = await webcrypto.subtle.importKey("pkcs8", PemConverter.decodeFirst(caKey), algorithm, false, [
    "sign",
  ]);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const leaf = await createLeaf(new X509Certificate(ca), signingKey, keys.publicKey, hostnames, validFor(days));
  return {
    ca,
    cert: leaf.toString("pem"),
    key: await exportKey(keys.privateKey),
    fingerprint: formatFingerprint(await leaf.getThumbprint("SHA-256")),
  };
}

/** What somebody wants of a certificate that its own key signs. */
export interface SelfSignedRequest {
  readonly commonName: string;
  /** DNS names besides that, as its subject alternative names. */
  readonly names: readonly string[];
  readonly days: number;
  /** Of its RSA key. */
  readonly bits: number;
  readonly now: Date;
}

/** Makes a certificate that its own key signs, and the key; PEM. */
export async function createSelfSigned({
  commonName,
  names,
  days,
  bits,
  now,
}: SelfSignedRequest): Promise<{ readonly cert: string; readonly key: string }> {
  const signingAlgorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(
    { ...signingAlgorithm, modulusLength: bits, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ["sign", "verify"],
  );
  const certificate = await X509CertificateGenerator.createSelfSigned({
    notBefore: now,
    notAfter: new Date(now.getTime() + days * day),
    serialNumber: newSerialNumber(),
    name: `CN=${commonName}`,
    signingAlgorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...(names.length === 0
        ? []
        : [new SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns" as const, value })))]),
    ],
  });
  return { cert: certificate.toString("pem"), key: await exportKey(keys.privateKey) };
}

function validFor(days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + days * day) };
}

/** Browsers refuse two certificates that have the issuer and the number in common. */
function newSerialNumber(): string {
  return `4${randomBytes(16).toString("hex").slice(1)}`;
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}

async function createLeaf(
  ca: X509Certificate,
  signingKey: webcrypto.CryptoKey,
  publicKey: webcrypto.CryptoKey,
  hostnames: readonly string[],
  validity: ReturnType<typeof validFor>,
): Promise<X509Certificate> {
  return X509CertificateGenerator.create({
    ...validity,
    serialNumber: newSerialNumber(),
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
