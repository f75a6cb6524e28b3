import type { GitLab } from "../../../inventory/services/gitlab.ts";
import type { FilePlan } from "../../steps.ts";

/** Where GitLab's web servers find their certificate. */
export const certificateFiles = { certificate: "/etc/gitlab/ssl/homelab.crt", key: "/etc/gitlab/ssl/homelab.key" };

const month = 30 * 86_400;

/** What makes sure of GitLab's certificate. */
export interface CertificatePlan {
  readonly files: readonly FilePlan[];
  /** Makes it where it is missing. */
  readonly activate: string;
  /** Fails where it ends soon. */
  readonly verify: string;
}

/** Decides where the certificate comes from; one that is made in the guest is made anew a month before it ends. */
export function planCertificate({ certificate }: GitLab, names: readonly string[]): CertificatePlan {
  const valid = `openssl x509 -in ${certificateFiles.certificate} -noout -checkend ${month} >/dev/null`;
  if (certificate === "own") {
    const secret = (name: string, what: string) => ({ secret: name, reason: `GitLab's web server has ${what}.` });
    return {
      files: [
        privateFile(
          certificateFiles.certificate,
          secret("gitlabCertificate", "this certificate, with those between it and its root"),
        ),
        privateFile(certificateFiles.key, secret("gitlabCertificateKey", "this key for its certificate")),
      ],
      activate: ":",
      verify: `${valid} || { echo 'The certificate in the setting gitlabCertificate ends within a month.' >&2; exit 1; }`,
    };
  }
  const alternatives = names.map((name) => `DNS:${name}`).join(",");
  const named = `openssl x509 -in ${certificateFiles.certificate} -noout -ext subjectAltName | tr -d ' ' | grep -Fqx '${alternatives}'`;
  return {
    files: [],
    activate: `mkdir -p /etc/gitlab/ssl
chmod 0700 /etc/gitlab/ssl
if [ ! -f ${certificateFiles.certificate} ] || ! ${valid} || ! ${named}; then
  (
    umask 077
    openssl req -x509 -newkey rsa:3072 -sha256 -nodes -days 825 -subj '/CN=${names[0] ?? ""}' \\
      -addext 'subjectAltName=${alternatives}' \\
      -keyout ${certificateFiles.key} -out ${certificateFiles.certificate} 2>/dev/null
  )
fi`,
    verify: valid,
  };
}

function privateFile(path: string, part: FilePlan["text"][number]): FilePlan {
  return { path, mode: "0600", owner: "root:root", text: [part, "\n"] };
}
