import type { Inventory } from "../../../inventory/inventory.ts";
import type { GitLab } from "../../../inventory/services/gitlab.ts";
import type { NamedGuest } from "../../named-guests.ts";
import { partName } from "../../names.ts";
import type { FilePlan, StepPlan } from "../../steps.ts";
import { planCertificate } from "./certificate.ts";
import { gitlabHost, renderGitLabRb, smtpPasswordFile } from "./render-gitlab-rb.ts";

const rootPasswordFile = "/etc/homelab/gitlab-root-password";

/** Decides GitLab's configuration, and how it takes effect. */
export function planConfiguration(guest: NamedGuest, gitlab: GitLab, inventory: Inventory): StepPlan {
  const { domain } = inventory.services;
  const { pages, smtp } = gitlab;
  const sites = pages === undefined ? [] : [`${pages}.${domain}`, `*.${pages}.${domain}`];
  const certificate = planCertificate(gitlab, [gitlabHost(guest.name, inventory), ...sites]);
  return {
    name: partName(guest.name, "configuration"),
    files: [
      secretText("/etc/gitlab/gitlab.rb", [renderGitLabRb(guest, gitlab, inventory)]),
      secretText(rootPasswordFile, [
        {
          secret: "gitlabRootPassword",
          reason: "The user root of GitLab gets it when GitLab is set up, and only then.",
          generated: true,
        },
        "\n",
      ]),
      ...(smtp === undefined
        ? []
        : [
            secretText(smtpPasswordFile, [
              { secret: smtp.passwordSecret, reason: `GitLab logs in to ${smtp.server} with it.` },
              "\n",
            ]),
          ]),
      ...certificate.files,
    ],
    check: '/opt/gitlab/embedded/bin/ruby -c "$STAGED/etc/gitlab/gitlab.rb" >/dev/null',
    activate: `${certificate.activate}
first=
if [ ! -e /var/opt/gitlab/bootstrapped ]; then
  first=yes
  GITLAB_ROOT_PASSWORD="$(cat ${rootPasswordFile})"
  export GITLAB_ROOT_PASSWORD
fi
log="$(mktemp)"
status=0
gitlab-ctl reconfigure >"$log" 2>&1 || status=$?
if [ "$status" -ne 0 ]; then
  echo "gitlab-ctl reconfigure ended with $status; the end of what it says, all of which is in /var/log/gitlab/reconfigure:" >&2
  tail -n 40 "$log" >&2
fi
rm -f "$log"
if [ "$status" -ne 0 ]; then exit "$status"; fi
# Nobody but who is invited: this is no setting of gitlab.rb, and after that it is GitLab's own.
if [ -n "$first" ]; then
  gitlab-rails runner 'Gitlab::CurrentSettings.update!(signup_enabled: false)' >&2
fi`,
    verify: `${certificate.verify}
gitlab-ctl status >/dev/null`,
    settleSeconds: 120,
    timeoutSeconds: 1800,
    units: ["gitlab-runsvdir"],
  };
}

function secretText(path: string, text: FilePlan["text"]): FilePlan {
  return { path, mode: "0600", owner: "root:root", text };
}
