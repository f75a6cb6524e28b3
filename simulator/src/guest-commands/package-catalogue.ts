/** A package that can be installed. */
export interface Package {
  /** What is installed where no pin asks for another. */
  readonly version: string;
  /** Older and newer ones that the sources have, too, so that a changed pin is an upgrade. */
  readonly otherVersions?: readonly string[];
  /** Units that Debian enables and starts with it. */
  readonly units?: readonly string[];
  /** Its units are restarted where others are reloaded. */
  readonly cannotReload?: boolean;
  /** The system user that it makes. */
  readonly user?: string;
  /** Owner and mode by path of what it brings along besides programs: `{ "/etc/grafana/": "root:grafana 0755" }`; folders end in a slash. */
  readonly files?: Readonly<Record<string, string>>;
  /** What the sources have to mention, where the distribution itself does not have it. */
  readonly source?: string;
}

/** Packages of Debian 13 with their versions. */
const plain: Readonly<Record<string, string>> = {
  acl: "2.3.2-2+b1",
  "apache2-utils": "2.4.65-2",
  "apt-transport-https": "3.0.3",
  "apt-utils": "3.0.3",
  "bash-completion": "1:2.16.0-7",
  "bind9-dnsutils": "1:9.20.11-4",
  "build-essential": "12.12",
  bzip2: "1.0.8-6",
  "ca-certificates": "20250419",
  certbot: "4.0.0-2",
  "cifs-utils": "2:7.4-1",
  curl: "8.14.1-2",
  "debian-keyring": "2025.03.23",
  "debian-archive-keyring": "2025.1",
  dnsutils: "1:9.20.11-4",
  ethtool: "1:6.14.2-1",
  ffmpeg: "7:7.1.1-1+b1",
  file: "1:5.46-5",
  git: "1:2.47.3-0+deb13u1",
  gnupg: "2.4.7-21",
  gpg: "2.4.7-21+b3",
  htop: "3.4.1-5",
  iotop: "0.6-42-ga14256a-0.3",
  iperf3: "3.18-2",
  iproute2: "6.15.0-1",
  iptables: "1.8.11-2",
  "iputils-ping": "3:20240905-3",
  jq: "1.7.1-6+deb13u1",
  less: "668-1",
  "libnss3-tools": "2:3.110-1",
  locales: "2.41-12",
  "lsb-release": "12.1-1",
  lvm2: "2.03.31-2",
  make: "4.4.1-2",
  mc: "3:4.8.33-1",
  nano: "8.4-1",
  ncdu: "1.22-1",
  "net-tools": "2.10-1.3",
  "netcat-openbsd": "1.229-1",
  "nfs-common": "1:2.8.3-1",
  nftables: "1.1.3-1",
  openssl: "3.5.1-1",
  nodejs: "20.19.2+dfsg-1",
  npm: "9.2.0~ds1-3",
  "openssh-client": "1:10.0p1-7",
  perl: "5.40.1-6",
  pciutils: "1:3.13.0-2",
  promtool: "2.53.3+ds1-2",
  python3: "3.13.5-1",
  "python3-gunicorn": "23.0.0-1",
  "python3-paramiko": "3.5.1-3",
  "python3-pip": "25.1.1+dfsg-1",
  "python3-prometheus-client": "0.21.1+ds1-1",
  "python3-proxmoxer": "2.2.0-1",
  "python3-requests": "2.32.3+dfsg-5",
  "python3-venv": "3.13.5-1",
  "python3-werkzeug": "3.1.3-2",
  "python3-wrapt": "1.17.2-1",
  "python3-yaml": "6.0.2-1+b2",
  rclone: "1.60.1+dfsg-4",
  restic: "0.18.0-1+b4",
  rsync: "3.4.1+ds1-5",
  socat: "1.8.0.3-1",
  "software-properties-common": "0.111-1",
  sqlite3: "3.46.1-7",
  strace: "6.13+ds-1",
  sudo: "1.9.16p2-3",
  tcpdump: "4.99.5-2",
  tmux: "3.5a-3",
  tree: "2.2.1-1",
  unzip: "6.0-29",
  vim: "2:9.1.1230-2",
  wget: "1.25.0-2",
  "wireguard-tools": "1.0.20210914-3",
  xfsprogs: "6.13.0-2+b1",
  "xz-utils": "5.8.1-1",
  zip: "3.0-15",
  zstd: "1.5.7+dfsg-1",
};

/** Packages with services. */
const services: Readonly<Record<string, Package>> = {
  apache2: { version: "2.4.65-2", units: ["apache2"] },
  "apt-cacher-ng": { version: "3.7.5-1", units: ["apt-cacher-ng"], user: "apt-cacher-ng" },
  bind9: { version: "1:9.20.11-4", units: ["named"], user: "bind" },
  caddy: { version: "2.6.2-12", units: ["caddy"], user: "caddy" },
  chrony: { version: "4.6.1-3", units: ["chrony"], user: "_chrony" },
  cron: { version: "3.0pl1-197", units: ["cron"] },
  dnsmasq: { version: "2.91-1", units: ["dnsmasq"], user: "dnsmasq" },
  "docker.io": { version: "26.1.5+dfsg1-9+b9", units: ["containerd", "docker"] },
  fail2ban: { version: "1.1.0-8", units: ["fail2ban"] },
  haproxy: { version: "3.0.11-1", units: ["haproxy"], user: "haproxy" },
  keepalived: { version: "1:2.3.3-1", units: ["keepalived"] },
  "mariadb-server": { version: "1:11.8.3-0+deb13u1", units: ["mariadb"], user: "mysql" },
  mosquitto: { version: "2.0.21-1", units: ["mosquitto"], user: "mosquitto" },
  "nfs-kernel-server": { version: "1:2.8.3-1", units: ["nfs-server"] },
  nginx: { version: "1.26.3-3+deb13u1", units: ["nginx"] },
  "openssh-server": { version: "1:10.0p1-7", units: ["ssh"], user: "sshd" },
  postfix: { version: "3.10.4-1~deb13u1", units: ["postfix"], user: "postfix" },
  postgresql: { version: "17+278", units: ["postgresql"], user: "postgres" },
  prometheus: {
    version: "2.53.3+ds1-2",
    units: ["prometheus"],
    user: "prometheus",
    files: {
      "/etc/default/prometheus": "root:root 0644",
      "/etc/prometheus/": "root:root 0755",
      "/etc/prometheus/prometheus.yml": "root:root 0644",
      "/var/lib/prometheus/": "prometheus:prometheus 0755",
    },
  },
  "prometheus-alertmanager": {
    version: "0.28.1+ds-3",
    units: ["prometheus-alertmanager"],
    user: "prometheus",
    files: {
      "/etc/default/prometheus-alertmanager": "root:root 0644",
      "/etc/prometheus/alertmanager.yml": "root:root 0644",
      "/var/lib/prometheus/alertmanager/": "prometheus:prometheus 0755",
    },
  },
  "prometheus-blackbox-exporter": {
    version: "0.26.0-1",
    units: ["prometheus-blackbox-exporter"],
    user: "prometheus",
    files: {
      "/etc/default/prometheus-blackbox-exporter": "root:root 0644",
      "/etc/prometheus/": "root:root 0755",
      "/etc/prometheus/blackbox.yml": "root:root 0644",
    },
  },
  "prometheus-node-exporter": {
    version: "1.9.0-1",
    units: ["prometheus-node-exporter"],
    user: "prometheus",
    files: {
      "/etc/default/prometheus-node-exporter": "root:root 0644",
      "/var/lib/prometheus/node-exporter/": "prometheus:prometheus 0755",
    },
  },
  "prometheus-pve-exporter": { version: "3.5.5-1", units: ["prometheus-pve-exporter"], user: "prometheus" },
  "qemu-guest-agent": { version: "1:10.0.3-1", units: ["qemu-guest-agent"] },
  "redis-server": { version: "5:8.0.2-3", units: ["redis-server"], user: "redis" },
  rsyslog: { version: "8.2504.0-1", units: ["rsyslog"] },
  samba: { version: "2:4.22.4+dfsg-1", units: ["smbd", "nmbd"] },
  smartmontools: { version: "7.4-3", units: ["smartmontools"] },
  unbound: { version: "1.22.0-2", units: ["unbound"], user: "unbound" },
  "unattended-upgrades": {
    version: "2.12",
    units: ["unattended-upgrades"],
    files: { "/etc/apt/apt.conf.d/50unattended-upgrades": "root:root 0644" },
  },
  "zfs-zed": { version: "2.3.4-pve1", units: ["zfs-zed"] },
};

/** Packages of repositories that have to be added first. */
const foreign: Readonly<Record<string, Package>> = {
  alloy: { version: "1.11.0-1", units: ["alloy"], user: "alloy", source: "apt.grafana.com" },
  "containerd.io": { version: "1.7.28-1", units: ["containerd"], source: "download.docker.com" },
  "docker-buildx-plugin": { version: "0.29.1-1", source: "download.docker.com" },
  "docker-ce": { version: "5:28.5.1-1", units: ["docker"], source: "download.docker.com" },
  "docker-ce-cli": { version: "5:28.5.1-1", source: "download.docker.com" },
  "docker-compose-plugin": { version: "2.40.0-1", source: "download.docker.com" },
  "gitlab-ce": gitlab("ce"),
  "gitlab-ee": gitlab("ee"),
  "gitlab-runner": {
    version: "19.4.0-1",
    units: ["gitlab-runner"],
    user: "gitlab-runner",
    source: "packages.gitlab.com/runner",
    files: { "/etc/gitlab-runner/": "root:root 0700", "/home/gitlab-runner/": "gitlab-runner:gitlab-runner 0750" },
  },
  "gitlab-runner-helper-images": { version: "19.4.0-1", source: "packages.gitlab.com/runner" },
  gitea: { version: "1.24.6", units: ["gitea"], user: "git", source: "gitea" },
  grafana: {
    version: "13.2.3",
    otherVersions: ["13.2.2", "12.1.1", "12.1.0", "12.0.2"],
    units: ["grafana-server"],
    cannotReload: true,
    user: "grafana",
    source: "apt.grafana.com",
    files: {
      "/etc/default/grafana-server": "root:root 0644",
      "/etc/grafana/": "root:grafana 0755",
      "/etc/grafana/grafana.ini": "root:grafana 0640",
      "/etc/grafana/provisioning/": "root:grafana 0755",
      "/etc/grafana/provisioning/dashboards/": "root:grafana 0755",
      "/etc/grafana/provisioning/datasources/": "root:grafana 0755",
      "/var/lib/grafana/": "grafana:grafana 0755",
      "/var/log/grafana/": "grafana:grafana 0755",
    },
  },
  influxdb2: {
    version: "2.9.1-1",
    otherVersions: ["2.7.12-1", "2.7.11-1"],
    units: ["influxdb"],
    cannotReload: true,
    user: "influxdb",
    source: "repos.influxdata.com",
    files: {
      "/etc/default/influxdb2": "root:root 0644",
      "/etc/influxdb/": "root:root 0755",
      "/etc/influxdb/config.toml": "root:root 0644",
      "/var/lib/influxdb/": "influxdb:influxdb 0755",
    },
  },
  kopia: { version: "0.21.1", source: "packages.kopia.io" },
  loki: { version: "3.5.5", units: ["loki"], user: "loki", source: "apt.grafana.com" },
  promtail: { version: "3.5.5", units: ["promtail"], user: "promtail", source: "apt.grafana.com" },
  "proxmox-backup-client": { version: "4.0.19-1", source: "download.proxmox.com" },
  "proxmox-backup-server": {
    version: "4.0.19-1",
    units: ["proxmox-backup", "proxmox-backup-proxy"],
    user: "backup",
    source: "download.proxmox.com",
  },
  "step-ca": { version: "0.28.4-1", source: "packages.smallstep.com" },
  "step-cli": { version: "0.28.7-1", source: "packages.smallstep.com" },
  tailscale: { version: "1.88.3", units: ["tailscaled"], source: "pkgs.tailscale.com" },
};

/** What comes up is decided by `gitlab-ctl reconfigure`. */
function gitlab(edition: "ce" | "ee"): Package {
  return {
    version: `19.4.1-${edition}.0`,
    otherVersions: ["19.4.0", "19.3.0", "19.2.0", "19.1.0", "18.11.0"].map((version) => `${version}-${edition}.0`),
    source: `packages.gitlab.com/gitlab/gitlab-${edition}`,
    files: {
      "/etc/gitlab/": "root:root 0775",
      "/etc/gitlab/gitlab.rb": "root:root 0600",
      "/opt/gitlab/": "root:root 0755",
      "/opt/gitlab/service/": "root:root 0755",
      "/opt/gitlab/sv/": "root:root 0755",
      "/var/log/gitlab/": "root:root 0755",
      "/var/opt/gitlab/": "root:root 0755",
    },
  };
}

/** A package by its name; undefined where nobody taught the simulator. */
export function findPackage(name: string): Package | undefined {
  const version = Object.hasOwn(plain, name) ? plain[name] : undefined;
  if (version !== undefined) return { version };
  if (Object.hasOwn(services, name)) return services[name];
  return Object.hasOwn(foreign, name) ? foreign[name] : undefined;
}

/** The package that brings a unit along. */
export function packageOfUnit(unit: string): Package | undefined {
  return [...Object.values(services), ...Object.values(foreign)].find(({ units }) => units?.includes(unit) === true);
}
