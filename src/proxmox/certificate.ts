import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { connect } from "node:tls";
import { tlsOptions, type Trust } from "./trust.ts";

/** What a server shows of itself before anything is asked. */
export interface SeenCertificate {
  readonly pem: string;
  /** SHA-256, as Proxmox shows it. */
  readonly fingerprint: string;
  /** The names and addresses that it is for. */
  readonly names: readonly string[];
  readonly validTo: Date;
  /** Why it is not believed, as OpenSSL calls it; undefined where it is. */
  readonly doubt: string | undefined;
}

/** What came of a look at a server's certificate. */
export type CertificateLook =
  | { readonly kind: "seen"; readonly certificate: SeenCertificate }
  | { readonly kind: "unreachable"; readonly reason: string };

/** Looks at the certificate of a server, believed or not; nothing is sent to it. */
export function lookAtCertificate(endpoint: string, trust: Trust, milliseconds = 10_000): Promise<CertificateLook> {
  const { hostname, port } = new URL(endpoint);
  const host = hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve) => {
    const socket = connect({
      ...tlsOptions(trust),
      host,
      port: Number(port || 443),
      ...(isIP(host) === 0 ? { servername: host } : {}),
      rejectUnauthorized: false,
      timeout: milliseconds,
    });
    const fail = (reason: string) => {
      socket.destroy();
      resolve({ kind: "unreachable", reason });
    };
    socket
      .on("secureConnect", () => {
        const { raw } = socket.getPeerCertificate();
        const doubt = socket.authorized ? undefined : codeOf(socket.authorizationError);
        socket.destroy();
        resolve({ kind: "seen", certificate: { ...describe(raw), doubt } });
      })
      .on("timeout", () => {
        fail(`no answer within ${milliseconds / 1000} seconds`);
      })
      .on("error", (error: NodeJS.ErrnoException) => {
        // Of what is no TLS at all, OpenSSL tells only where in its sources it noticed.
        fail(/^(?:EPROTO|ERR_SSL_)/.test(error.code ?? "") ? "what answers does not speak TLS" : error.message);
      });
  });
}

/** Writes a fingerprint as Proxmox does, however someone has written it; undefined where it cannot be a SHA-256. */
export function parseFingerprint(text: string): string | undefined {
  const digits = text.replace(/^sha-?256[:= ]*/i, "").replaceAll(/[:\s]/g, "");
  if (!/^[0-9a-f]{64}$/i.test(digits)) return undefined;
  return (digits.toUpperCase().match(/../g) ?? []).join(":");
}

function describe(raw: Buffer): Omit<SeenCertificate, "doubt"> {
  const certificate = new X509Certificate(raw);
  return {
    pem: certificate.toString(),
    fingerprint: certificate.fingerprint256,
    names: (certificate.subjectAltName ?? "")
      .split(", ")
      .map((name) => name.replace(/^(?:DNS|IP Address):/, ""))
      .filter((name) => name !== ""),
    validTo: new Date(certificate.validTo),
  };
}

/** Node has an error there, or only its code, whatever its types say. */
function codeOf(error: Error | string | undefined): string {
  if (typeof error === "string") return error;
  if (error === undefined) return "UNKNOWN";
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
