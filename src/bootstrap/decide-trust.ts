import type { CertificateLook } from "../proxmox/certificate.ts";
import { parseFingerprint } from "../proxmox/certificate.ts";
import type { Trust } from "../proxmox/trust.ts";
import { BootstrapError } from "./bootstrap-error.ts";

/** Whether a password may be sent to what answers. */
export type TrustDecision =
  | { readonly kind: "decided"; readonly trust: Trust; readonly certificate: string }
  /** A person has to compare the fingerprint. */
  | { readonly kind: "ask"; readonly trust: Trust; readonly certificate: string; readonly fingerprint: string };

/**
 * Decides whether what answers is the node that is meant.
 * @throws {BootstrapError} where it is not, or cannot be reached
 */
export function decideTrust(
  endpoint: string,
  look: CertificateLook,
  { trust, fingerprint: given }: { readonly trust: Trust; readonly fingerprint: string | undefined },
): TrustDecision {
  if (look.kind === "unreachable") throw new BootstrapError(`${endpoint} cannot be reached: ${look.reason}.`);
  const { pem: certificate, fingerprint, doubt } = look.certificate;
  const pinned: Trust = { kind: "pinned", certificate, fingerprint };
  if (given !== undefined) {
    const expected = parseFingerprint(given);
    if (expected === undefined) {
      throw new BootstrapError(
        `${given} is not a fingerprint. It is the SHA-256 that the node itself shows with: pvenode cert info`,
      );
    }
    if (expected !== fingerprint) {
      throw new BootstrapError(
        `What answers at ${endpoint} has the fingerprint\n  ${fingerprint}\nand not\n  ${expected}\nSomeone else may be answering there. Nothing was sent.`,
      );
    }
    return { kind: "decided", trust: doubt === undefined ? trust : pinned, certificate };
  }
  if (doubt === undefined) return { kind: "decided", trust, certificate };
  return { kind: "ask", trust: pinned, certificate, fingerprint };
}
