import type { FilePlan, StepPlan } from "../steps.ts";
import { sortedEntries } from "../sorted.ts";

/** A repository of packages besides Debian's, signed by a key that the guest fetches and whose fingerprint is compared. */
export interface RepositoryPlan {
  /** Name of its files below /etc/apt: `grafana`. */
  readonly name: string;
  readonly url: string;
  readonly suite: string;
  readonly components: readonly string[];
  readonly keyUrl: string;
  /** The 40 hexadecimal digits of the primary key. */
  readonly keyFingerprint: string;
}

/** What apt installs in one step. */
export interface PackagesPlan {
  /** Logical name of the step: `grafana-packages`. */
  readonly name: string;
  /** Version by package, as in an apt preference: `2.53.3*`; `*` takes what the distribution has. */
  readonly versions: Readonly<Record<string, string>>;
  readonly repository?: RepositoryPlan;
  /** Files that have to be there before the packages are unpacked, such as defaults that their first start reads. */
  readonly files?: readonly FilePlan[];
  /** Whether repositories of the system may refuse their lists, as Proxmox's for customers does to everybody else. */
  readonly mayLackRepositories?: boolean;
}

/** Decides a step that installs packages in pinned versions; an upgrade is a change of the step, and nothing else upgrades them. */
export function planPackages({
  name,
  versions,
  repository,
  files = [],
  mayLackRepositories = false,
}: PackagesPlan): StepPlan {
  const pinned = sortedEntries(versions);
  const names = pinned.map(([packageName]) => packageName);
  return {
    name,
    files: [
      ...files,
      ...(repository === undefined ? [] : [sourcesFile(repository)]),
      {
        path: `/etc/apt/preferences.d/${name}.pref`,
        mode: "0644",
        owner: "root:root",
        text: [pinned.map(([packageName, version]) => preference(packageName, version)).join("\n")],
      },
    ],
    // Before apt knows of the repository: it would refuse one without its key.
    ...(repository === undefined ? {} : { check: fetchKey(repository) }),
    activate: [
      "export DEBIAN_FRONTEND=noninteractive",
      `apt-get -qq update${mayLackRepositories ? " || true" : ""}`,
      // Settings that stand there already are ours; without a terminal dpkg would fail at its question.
      `apt-get -qq install -y --no-install-recommends --allow-downgrades -o Dpkg::Options::=--force-confold ${names.join(" ")} >&2`,
    ].join("\n"),
    verify: pinned.map(([packageName, version]) => versionTest(packageName, version)).join("\n"),
  };
}

function preference(name: string, version: string): string {
  return `Package: ${name}\nPin: version ${version}\nPin-Priority: 1001\n`;
}

/** Of the keys in the file only the expected one counts: apt takes signatures of its subkeys, too. */
function sourcesFile({ name, url, suite, components, keyFingerprint }: RepositoryPlan): FilePlan {
  const text = `Types: deb
URIs: ${url}
Suites: ${suite}
${components.length === 0 ? "" : `Components: ${components.join(" ")}\n`}Signed-By: /etc/apt/keyrings/${name}.asc ${keyFingerprint}
`;
  return { path: `/etc/apt/sources.list.d/${name}.sources`, mode: "0644", owner: "root:root", text: [text] };
}

/** The key is not in place before its fingerprint was compared. */
function fetchKey({ name, keyUrl, keyFingerprint }: RepositoryPlan): string {
  const key = `/etc/apt/keyrings/${name}.asc`;
  return `export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq install -y --no-install-recommends ca-certificates curl gpg >&2
mkdir -p /etc/apt/keyrings
curl -fsSL --retry 3 -o ${key}.new ${keyUrl}
if ! gpg --show-keys --with-colons ${key}.new | grep -q '^fpr:::::::::${keyFingerprint}:'; then
  echo 'The key at ${keyUrl} does not have the fingerprint ${keyFingerprint}.' >&2
  exit 1
fi
mv ${key}.new ${key}`;
}

function versionTest(name: string, version: string): string {
  const installed = `$(dpkg-query -W -f '\${Version}' ${name} 2>/dev/null || true)`;
  return `case "${installed}" in
${version === "*" ? "?*" : version}) ;;
*) echo '${name} ${version} is not installed.' >&2; exit 1 ;;
esac`;
}
