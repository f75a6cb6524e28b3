/** A release of GitLab, as far as its upgrade path asks: `[19, 4]`. */
export type Release = readonly [major: number, minor: number];

// Since 17.5; each major version ends with x.11.
const stops = [2, 5, 8, 11];
const firstKnown: Release = [17, 5];
const lastMinor = 11;
const source = "https://docs.gitlab.com/update/upgrade_paths/";

/** The release that has to be installed next, on the way from one release to a later one; undefined where none is required in between. */
export function nextStop(from: Release, to: Release): Release | undefined {
  return releases(from, to)
    .slice(1)
    .find((release) => stops.includes(release[1]) && !isSame(release, to));
}

/** Refuses an upgrade that passes over a required stop, and a downgrade. */
export function renderUpgradeCheck(wanted: { package: string; version: string }): string {
  const to = releaseOf(wanted.version);
  const ways = releases(firstKnown, to).map((from) => ({ from, stop: nextStop(from, to) }));
  const direct = ways.filter(({ stop }) => stop === undefined).map(({ from }) => pattern(from));
  const stopsOnTheWay = [...new Set(ways.flatMap(({ stop }) => (stop === undefined ? [] : [stop.join(".")])))];
  const arms = stopsOnTheWay.map((name) => {
    const from = ways.filter(({ stop }) => stop?.join(".") === name).map((way) => pattern(way.from));
    return `${from.join(" | ")}) stop=${name} ;;`;
  });
  return `installed="$(dpkg-query -W -f '\${Version}' gitlab-ce 2>/dev/null || dpkg-query -W -f '\${Version}' gitlab-ee 2>/dev/null || true)"
stop=
case "$installed" in
"" | ${direct.join(" | ")}) ;;
${arms.join("\n")}
*)
  echo "GitLab $installed is installed, and ${wanted.version} cannot follow it: it is older than that, or further away than is known here." >&2
  echo "GitLab's database does not go back; for older versions see ${source}." >&2
  exit 1
  ;;
esac
if [ -n "$stop" ]; then
  echo "GitLab $installed is installed, and ${wanted.version} cannot follow it at once: $stop is a required upgrade stop in between (${source})." >&2
  echo "Write the newest $stop into services.gitlab.version, let its background migrations end, and go on from there." >&2
  exit 1
fi`;
}

/** Refuses an upgrade as long as the last one still migrates data in the background; `$installed` is what the check before has found. */
export function renderMigrationsCheck({ version }: { version: string }): string {
  return `if [ -n "$installed" ] && [ "$installed" != ${version} ]; then
  pending="$(gitlab-psql -t -A -c 'SELECT COUNT(*) FROM batched_background_migrations WHERE status NOT IN (3, 6)')"
  if [ "$pending" != 0 ]; then
    echo "GitLab $installed has background migrations that have not ended ($pending); they come before ${version}." >&2
    echo "See Admin, Monitoring, Background migrations, and try again once all are finished." >&2
    exit 1
  fi
fi`;
}

function releases(from: Release, to: Release): Release[] {
  const list: Release[] = [];
  let [major, minor] = from;
  while (major < to[0] || (major === to[0] && minor <= to[1])) {
    list.push([major, minor]);
    [major, minor] = minor < lastMinor ? [major, minor + 1] : [major + 1, 0];
  }
  return list;
}

function releaseOf(version: string): Release {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return [major, minor];
}

function pattern([major, minor]: Release): string {
  return `${major}.${minor}.*`;
}

function isSame(a: Release, b: Release): boolean {
  return a[0] === b[0] && a[1] === b[1];
}
