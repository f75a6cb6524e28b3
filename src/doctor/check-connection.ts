import type { CertificateLook, SeenCertificate } from "../proxmox/certificate.ts";
import { fine, listOf, problem, warning, type Finding } from "./finding.ts";

/** What the stack says of the connection. */
export interface ConnectionSettings {
  readonly endpoint: string;
  readonly caFile: string | undefined;
  readonly insecure: boolean;
  readonly stack: string;
}

const day = 86_400_000;
const expired = new Set(["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"]);

/** Whether the API is reached, and whether what answers is the one that is meant. */
export function checkConnection(look: CertificateLook, settings: ConnectionSettings, now: Date): Finding[] {
  const { endpoint } = settings;
  if (look.kind === "unreachable") {
    return [
      problem(
        "endpoint",
        `${endpoint} cannot be reached: ${look.reason}.`,
        `Is the node on, and is this its address? Set it with:\n  npm run pulumi -- config set --stack ${settings.stack} endpoint https://ADDRESS:8006/`,
      ),
    ];
  }
  return [fine("endpoint", `${endpoint} answers.`), checkCertificate(look.certificate, settings, now)];
}

function checkCertificate(certificate: SeenCertificate, settings: ConnectionSettings, now: Date): Finding {
  const { doubt, fingerprint, validTo } = certificate;
  if (settings.insecure) {
    return warning(
      "certificate",
      `It is not looked at, because homelab:insecure is set: anyone on the way may read the token. Its fingerprint is ${fingerprint}.`,
      `Trust the cluster's own authority instead:${trustCommands(settings, fingerprint)}\n  npm run pulumi -- config rm --stack ${settings.stack} insecure`,
    );
  }
  if (doubt !== undefined) return describeDoubt(certificate, doubt, settings);
  const days = Math.floor((validTo.getTime() - now.getTime()) / day);
  const until = validTo.toISOString().slice(0, 10);
  if (days < 14) {
    return warning(
      "certificate",
      `It is trusted, but only until ${until}.`,
      "A node renews it by itself two weeks before; ask it to now:\n  pvecm updatecerts --force && systemctl restart pveproxy",
    );
  }
  return fine("certificate", `It is trusted by ${settings.caFile ?? "the system's authorities"}, until ${until}.`);
}

function describeDoubt({ names, fingerprint }: SeenCertificate, doubt: string, settings: ConnectionSettings): Finding {
  const { hostname } = new URL(settings.endpoint);
  if (doubt === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return problem(
      "certificate",
      `It is trusted, but not for ${hostname}: it names ${listOf(names)}.`,
      `Use one of these in the address:\n  npm run pulumi -- config set --stack ${settings.stack} endpoint https://NAME:8006/`,
    );
  }
  if (expired.has(doubt)) {
    return problem(
      "certificate",
      "It is not valid at this time.",
      "If the clock here is right, let a node renew it:\n  pvecm updatecerts --force && systemctl restart pveproxy",
    );
  }
  const source = settings.caFile === undefined ? "the system's authorities" : `${settings.caFile} or the system`;
  return problem(
    "certificate",
    `It is not trusted by ${source} (${doubt}). Its fingerprint is ${fingerprint}.`,
    `Compare the fingerprint with the one on the node (pvenode cert info); if it is the same, trust the cluster's own authority:${trustCommands(settings, fingerprint)}`,
  );
}

function trustCommands({ endpoint, stack }: ConnectionSettings, fingerprint: string): string {
  const { hostname } = new URL(endpoint);
  return [
    "",
    `npm run bootstrap -- --stack ${stack} --host ${hostname} --fingerprint ${fingerprint}`,
    "or, if there is a token already:",
    `scp root@${hostname}:/etc/pve/pve-root-ca.pem pve-root-ca.pem`,
    `npm run pulumi -- config set --stack ${stack} caFile pve-root-ca.pem`,
  ]
    .map((line) => (line === "" || line.startsWith("or,") ? line : `  ${line}`))
    .join("\n");
}
