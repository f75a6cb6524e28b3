import { existsSync, readFileSync } from "node:fs";
import { rootCertificates, type ConnectionOptions } from "node:tls";

/** Whose certificates are believed. */
export type Trust =
  | { readonly kind: "authorities"; readonly pem: readonly string[] }
  /** One certificate, whoever signed it and whatever names are in it: someone has compared its fingerprint. */
  | { readonly kind: "pinned"; readonly certificate: string; readonly fingerprint: string }
  /** The stack's setting `insecure`. */
  | { readonly kind: "anyone" };

/** Where Go looks for the system's authorities on Linux, in its order: the provider is a Go program. */
const systemFiles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/tls/cacert.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/** What the provider believes: the system's authorities, and the one that the stack names. */
export function trustAuthorities(ca: string | undefined): Trust {
  const candidates = [process.env["SSL_CERT_FILE"], ...systemFiles].filter((file) => file !== undefined);
  const system = candidates.find((file) => existsSync(file));
  return {
    kind: "authorities",
    pem: [
      ...(ca === undefined ? [] : [ca]),
      ...(system === undefined ? rootCertificates : [readFileSync(system, "utf8")]),
    ],
  };
}

/** The options of a TLS connection that believes no one else. */
export function tlsOptions(trust: Trust): ConnectionOptions {
  switch (trust.kind) {
    case "authorities":
      return { ca: [...trust.pem] };
    case "pinned":
      return {
        ca: [trust.certificate],
        allowPartialTrustChain: true,
        checkServerIdentity: (_host, { fingerprint256 }) =>
          fingerprint256 === trust.fingerprint
            ? undefined
            : new Error(`the certificate has the fingerprint ${fingerprint256} now`),
      };
    case "anyone":
      return { rejectUnauthorized: false };
  }
}
