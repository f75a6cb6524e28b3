import type { Inventory } from "../../../inventory/inventory.ts";
import type { GitLab } from "../../../inventory/services/gitlab.ts";
import { guestsOf, type NamedGuest } from "../../named-guests.ts";
import { sortedSet } from "../../sorted.ts";
import { dnsName } from "../dns-name.ts";
import { certificateFiles } from "./certificate.ts";
import { renderRuby, rubyFromFile, type RubyValue } from "./ruby.ts";

/** Where the password of the mail server is kept. */
export const smtpPasswordFile = "/etc/homelab/gitlab-smtp-password";

type Setting = readonly [name: string, value: RubyValue];

const gib = 2 ** 30;

/** The name by which GitLab is reached. */
export function gitlabHost(guest: string, inventory: Inventory): string {
  return dnsName(guest, inventory);
}

/** The text of /etc/gitlab/gitlab.rb. */
export function renderGitLabRb(guest: NamedGuest, gitlab: GitLab, inventory: Inventory): string {
  const host = gitlabHost(guest.name, inventory);
  const settings = [
    ...web(guest, gitlab, inventory),
    ...sizes(guest),
    ...monitoring(inventory),
    ...(gitlab.registry ? certificate("registry_nginx") : [["registry['enable']", false] as const]),
    ...(gitlab.pages === undefined ? [] : certificate("pages_nginx")),
    ...mail(gitlab),
  ];
  const lines = settings.map(([name, value]) => `${name} = ${renderRuby(value)}`);
  return `# Written by Pulumi from config/homelab; changes made here are undone.
external_url ${renderRuby(`https://${host}`)}
${gitlab.registry ? `registry_external_url ${renderRuby(`https://${host}:5050`)}\n` : ""}${
    gitlab.pages === undefined
      ? ""
      : `pages_external_url ${renderRuby(`https://${gitlab.pages}.${inventory.services.domain}`)}\n`
  }${lines.join("\n")}
`;
}

/** TLS ends here; addresses of visitors are taken from the proxies before it, and from nobody else. */
function web({ name }: NamedGuest, { backup }: GitLab, inventory: Inventory): Setting[] {
  const proxies = sortedSet(
    guestsOf(inventory)
      .filter(({ guest }) => guest.runs === "traefik")
      .filter(({ guest }) => guest.exposure === "internal" || guest.firewall?.backends.includes(name) === true)
      .map(({ guest }) => guest.address),
  );
  return [
    ["letsencrypt['enable']", false],
    ["nginx['listen_port']", 443],
    ["nginx['redirect_http_to_https']", true],
    ...certificate("nginx"),
    ...(proxies.length === 0
      ? []
      : ([
          ["nginx['real_ip_header']", "X-Forwarded-For"],
          ["nginx['real_ip_recursive']", "on"],
          ["nginx['real_ip_trusted_addresses']", proxies],
          ["gitlab_rails['trusted_proxies']", proxies],
        ] as const)),
    ["gitlab_rails['usage_ping_enabled']", false],
    ["gitlab_rails['store_initial_root_password']", false],
    ["gitlab_rails['display_initial_root_password']", false],
    // The unit for backups removes what it has copied; this is for backups that are made by hand.
    ...(backup === undefined ? [] : ([["gitlab_rails['backup_keep_time']", backup.keepDays * 86_400]] as const)),
  ];
}

/**
 * Sized to the machine: workers of Puma by https://docs.gitlab.com/install/requirements/#puma, which are as many as the
 * package would choose, and a quarter of the memory for PostgreSQL (the same page, #postgresql-settings).
 */
function sizes({ guest: { cores, memory } }: NamedGuest): Setting[] {
  const workers = Math.max(2, Math.min(cores, Math.floor(memory / gib - 1.5)));
  const shared = Math.min(14 * 1024, Math.floor(memory / 2 ** 20 / 4));
  return [
    ["puma['worker_processes']", workers],
    ["sidekiq['concurrency']", memory < 8 * gib ? 10 : 20],
    ["postgresql['shared_buffers']", `${shared}MB`],
  ];
}

/** The homelab's own Prometheus takes the place of the bundled one. */
function monitoring(inventory: Inventory): Setting[] {
  const scrapers = sortedSet(
    guestsOf(inventory)
      .filter(({ guest }) => guest.runs === "prometheus")
      .map(({ guest }) => guest.address),
  );
  return [
    ["prometheus['enable']", false],
    ["alertmanager['enable']", false],
    ["node_exporter['enable']", false],
    ["gitlab_rails['monitoring_whitelist']", ["127.0.0.0/8", "::1/128", ...scrapers.map((address) => `${address}/32`)]],
    ["gitlab_exporter['listen_address']", scrapers.length === 0 ? "localhost" : "0.0.0.0"],
  ];
}

function certificate(server: string): Setting[] {
  return [
    [`${server}['ssl_certificate']`, certificateFiles.certificate],
    [`${server}['ssl_certificate_key']`, certificateFiles.key],
  ];
}

function mail({ smtp }: GitLab): Setting[] {
  if (smtp === undefined) {
    return [
      ["gitlab_rails['smtp_enable']", false],
      ["gitlab_rails['gitlab_email_enabled']", false],
    ];
  }
  const { server, port, username, from } = smtp;
  return [
    ["gitlab_rails['smtp_enable']", true],
    ["gitlab_rails['smtp_address']", server],
    ["gitlab_rails['smtp_port']", port],
    ["gitlab_rails['smtp_user_name']", username],
    ["gitlab_rails['smtp_password']", rubyFromFile(smtpPasswordFile)],
    ["gitlab_rails['smtp_authentication']", "login"],
    ["gitlab_rails['smtp_tls']", port === 465],
    ["gitlab_rails['smtp_enable_starttls_auto']", port !== 465],
    ["gitlab_rails['gitlab_email_from']", from],
  ];
}
