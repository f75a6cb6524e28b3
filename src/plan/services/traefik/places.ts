/** Where things of Traefik are in a guest. */
export const places = {
  staticConfiguration: "/etc/traefik/traefik.yml",
  dynamicConfiguration: "/etc/traefik/dynamic.yml",
  credentials: "/etc/traefik/credentials.env",
  authority: "/etc/traefik/acme-authority.pem",
  dashboardPassword: "/etc/traefik/dashboard-password",
  dashboardUsers: "/etc/traefik/dashboard-users",
  chain: "/etc/traefik/chain.pem",
  key: "/etc/traefik/key.pem",
  unit: "/etc/systemd/system/traefik.service",
  /** Certificates that Traefik got by itself; each replica has its own. */
  certificates: "/var/lib/traefik/acme.json",
} as const;

/** Where Traefik tells Prometheus, and us, how it is. */
export const metricsPort = 8082;

/** The program of one version; versions stand beside each other, so that an upgrade that fails leaves the old one in use. */
export function programOf(version: string): string {
  return `/opt/traefik/${version}/traefik`;
}
