import { X509Certificate } from "node:crypto";

const bits: Readonly<Record<string, number>> = { prime256v1: 256, secp384r1: 384, secp521r1: 521 };

const keyTypes: Readonly<Record<string, string>> = { ec: "id-ecPublicKey", rsa: "rsaEncryption" };

/** A certificate as the API shows it. */
export function describeCertificate(filename: string, pem: string) {
  const certificate = new X509Certificate(pem);
  const { asymmetricKeyType = "", asymmetricKeyDetails: details = {} } = certificate.publicKey;
  const size = details.modulusLength ?? bits[details.namedCurve ?? ""] ?? 256;
  return {
    filename,
    fingerprint: certificate.fingerprint256,
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    notbefore: Date.parse(certificate.validFrom) / 1000,
    notafter: Date.parse(certificate.validTo) / 1000,
    san: (certificate.subjectAltName ?? "")
      .split(", ")
      .filter((name) => name !== "")
      .map((name) => name.replace(/^(DNS|IP Address):/, "")),
    pem: certificate.toString(),
    "public-key-type": keyTypes[asymmetricKeyType] ?? asymmetricKeyType.toUpperCase(),
    "public-key-bits": size,
  };
}

/** `/C=…/CN=…` as OpenSSL writes names in one line. */
function oneLine(name: string | undefined): string {
  return (name ?? "")
    .split("\n")
    .map((part) => `/${part}`)
    .join("");
}
