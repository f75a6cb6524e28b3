/** A key that signs packages, where it is published and what it signs. */
interface KnownKey {
  /** The 40 hexadecimal digits of its primary key. */
  readonly fingerprint: string;
  readonly urls: readonly string[];
  /** How the addresses of its repositories begin. */
  readonly repositories: readonly string[];
}

const keys: readonly KnownKey[] = [
  {
    fingerprint: "B53AE77BADB630A683046005963FA27710458545",
    urls: ["https://apt.grafana.com/gpg.key", "https://apt.grafana.com/gpg-full.key"],
    repositories: ["https://apt.grafana.com"],
  },
  {
    fingerprint: "24C975CBA61A024EE1B631787C3D57159FC2F927",
    urls: ["https://repos.influxdata.com/influxdata-archive.key"],
    repositories: ["https://repos.influxdata.com/"],
  },
  {
    fingerprint: "F6403F6544A38863DAA0B6E03F01618A51312F3F",
    urls: [
      "https://packages.gitlab.com/gpg.key",
      "https://packages.gitlab.com/gpgkey/gpg.key",
      "https://packages.gitlab.com/gitlab/gitlab-ce/gpgkey",
      "https://packages.gitlab.com/gitlab/gitlab-ee/gpgkey",
    ],
    repositories: ["https://packages.gitlab.com/"],
  },
  {
    fingerprint: "9DC858229FC7DD38854AE2D88D81803C0EBFCD88",
    urls: ["https://download.docker.com/linux/debian/gpg", "https://download.docker.com/linux/ubuntu/gpg"],
    repositories: ["https://download.docker.com/"],
  },
];

/** The fingerprint of the key at an address. */
export function keyAt(url: string): string | undefined {
  return keys.find(({ urls }) => urls.includes(url))?.fingerprint;
}

/** The fingerprint of the key that signs a repository; undefined where nobody taught the simulator. */
export function keyOfRepository(url: string): string | undefined {
  return keys.find(({ repositories }) => repositories.some((start) => url.startsWith(start)))?.fingerprint;
}

/** The hosts on which keys are published. */
export function keyHosts(): ReadonlySet<string> {
  return new Set(keys.flatMap(({ urls }) => urls.map((url) => new URL(url).host)));
}
