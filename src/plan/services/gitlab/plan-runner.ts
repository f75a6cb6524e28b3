import type { Inventory } from "../../../inventory/inventory.ts";
import { guestsOf, type NamedGuest } from "../../named-guests.ts";
import { partName } from "../../names.ts";
import type { StepPlan } from "../../steps.ts";
import { planPackages } from "../install-packages.ts";
import { gitlabHost } from "./render-gitlab-rb.ts";
import { runnerRepository } from "./repository.ts";

const tokenFile = "/etc/homelab/gitlab-runner-token";
const settingsFile = "/etc/gitlab-runner/config.toml";

/**
 * Decides how a guest that runs GitLab's runner is set up. It is a guest of its own, for its jobs are whatever is pushed,
 * and they hold the credentials of the homelab: neither belongs beside a web application that the internet reaches.
 */
export function planGitLabRunner({ name }: NamedGuest, inventory: Inventory): StepPlan[] {
  const runner = inventory.services.gitlab?.runner;
  if (runner === undefined) return [];
  const version = `${runner.version}-1`;
  const packages = planPackages({
    name: partName(name, "packages"),
    versions: {
      "gitlab-runner": version,
      // Of the same version, or apt finds no way to install the one that is asked for.
      "gitlab-runner-helper-images": version,
      git: "*",
      nodejs: "*",
      npm: "*",
      openssl: "*",
    },
    repository: runnerRepository,
  });
  return [{ ...packages, timeoutSeconds: 1200 }, ...(runner.registered ? [planRegistration(name, inventory)] : [])];
}

function planRegistration(name: string, inventory: Inventory): StepPlan {
  const server = guestsOf(inventory).find(({ guest }) => guest.runs === "gitlab");
  if (server === undefined) throw new Error("It was not checked that a guest runs GitLab.");
  const host = gitlabHost(server.name, inventory);
  const authority = `/etc/gitlab-runner/certs/${host}.crt`;
  // A certificate that GitLab's guest has made itself is believed when it is seen first, on the homelab's own network.
  const trust =
    inventory.services.gitlab?.certificate === "selfSigned"
      ? `mkdir -p /etc/gitlab-runner/certs
if ! openssl x509 -in ${authority} -noout -checkend 86400 >/dev/null 2>&1; then
  openssl s_client -connect ${server.guest.address}:443 -servername ${host} </dev/null 2>/dev/null | openssl x509 -out ${authority}
fi
`
      : "";
  return {
    name: partName(name, "registration"),
    files: [
      {
        path: tokenFile,
        mode: "0600",
        owner: "root:root",
        text: [{ secret: "gitlabRunnerToken", reason: "GitLab's runner takes jobs with it (glrt-…)." }, "\n"],
      },
    ],
    activate: `umask 077
${trust}if ! grep -Fqs -f ${tokenFile} ${settingsFile}; then
  rm -f ${settingsFile}
  CI_SERVER_TOKEN="$(cat ${tokenFile})"
  export CI_SERVER_TOKEN
  gitlab-runner register --non-interactive --url https://${host} --executor shell --name ${name} >&2
fi
systemctl enable gitlab-runner
systemctl restart gitlab-runner`,
    verify: `grep -Fqs -f ${tokenFile} ${settingsFile}
systemctl is-enabled --quiet gitlab-runner
systemctl is-active --quiet gitlab-runner`,
    settleSeconds: 10,
    units: ["gitlab-runner"],
  };
}
