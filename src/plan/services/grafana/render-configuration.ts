/** What grafana.ini depends on. */
export interface GrafanaSettings {
  readonly adminUser: string;
  readonly adminPasswordFile: string;
  readonly secretKeyFile: string;
  readonly port: number;
  /** Where browsers find it. */
  readonly url: URL;
}

/** Renders grafana.ini: what differs from Grafana's own defaults, or must not depend on them. */
export function renderConfiguration({
  adminUser,
  adminPasswordFile,
  secretKeyFile,
  port,
  url,
}: GrafanaSettings): string {
  const sections: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>> = {
    server: { protocol: "http", http_port: port, domain: url.hostname, root_url: url.href },
    security: {
      admin_user: adminUser,
      // Both are read from files: neither is in this one, nor in the environment of the process.
      admin_password: `$__file{${adminPasswordFile}}`,
      secret_key: `$__file{${secretKeyFile}}`,
      cookie_secure: url.protocol === "https:",
      cookie_samesite: "strict",
      disable_gravatar: true,
    },
    users: { allow_sign_up: false, allow_org_create: false },
    "auth.anonymous": { enabled: false },
    snapshots: { external_enabled: false },
    analytics: {
      reporting_enabled: false,
      check_for_updates: false,
      check_for_plugin_updates: false,
      feedback_links_enabled: false,
    },
    news: { news_feed_enabled: false },
    metrics: { enabled: true },
  };
  return Object.entries(sections)
    .map(([section, values]) => {
      const lines = Object.entries(values).map(([key, value]) => `${key} = ${String(value)}\n`);
      return `[${section}]\n${lines.join("")}`;
    })
    .join("\n");
}
