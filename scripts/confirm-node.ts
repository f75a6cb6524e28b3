import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { AdminApi } from "../src/bootstrap/admin-api.ts";
import { BootstrapError } from "../src/bootstrap/bootstrap-error.ts";
import type { TrustDecision } from "../src/bootstrap/decide-trust.ts";
import { findAuthority } from "../src/bootstrap/find-authority.ts";
import { askYes } from "./ask.ts";

/**
 * Lets a person compare the fingerprint where nothing else vouches for the node.
 * @throws {BootstrapError} where nobody says yes
 */
export async function confirmNode(endpoint: string, decision: TrustDecision): Promise<TrustDecision> {
  if (decision.kind === "decided") return decision;
  const { fingerprint } = decision;
  process.stderr.write(
    `The certificate of ${endpoint} is signed by nobody who is known here. Its fingerprint (SHA-256) is\n  ${fingerprint}\nOn the node, pvenode cert info shows the true one.\n`,
  );
  if (await askYes("Are they the same? [y/N] ")) return decision;
  throw new BootstrapError(
    "Nothing was sent. Give --fingerprint with the true one, or --ca-file with a copy of /etc/pve/pve-root-ca.pem.",
  );
}

/** The setting caFile: so that the provider trusts the node, too, the cluster's authority is kept beside the inventory. */
export async function keepAuthority(
  project: string,
  api: AdminApi,
  stack: string,
  { trust, certificate }: TrustDecision,
  given: string | undefined,
): Promise<string | undefined> {
  if (given !== undefined) return relative(project, given).startsWith("..") ? given : relative(project, given);
  if (trust.kind !== "pinned") return undefined;
  const authority = await findAuthority(api, certificate);
  if (authority === undefined) {
    throw new BootstrapError(
      "The certificate is signed by an authority that the node does not have. Give it with --ca-file; the provider has to trust it, too.",
    );
  }
  const file = join("config", `${stack}-root-ca.pem`);
  writeFileSync(join(project, file), `${authority.trimEnd()}\n`);
  return file;
}
