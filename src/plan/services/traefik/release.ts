import { partName } from "../../names.ts";
import type { StepPlan } from "../../steps.ts";
import { places, programOf } from "./places.ts";

/** Decides the step that puts one release of Traefik in place, from its own archive, and the user that runs it. */
export function planRelease(guest: string, { version, sha256 }: { version: string; sha256: string }): StepPlan {
  const archive = `traefik_v${version}_linux_amd64.tar.gz`;
  const program = programOf(version);
  const folder = program.slice(0, program.lastIndexOf("/"));
  return {
    name: partName(guest, "traefik-release"),
    files: [],
    activate: `id traefik >/dev/null 2>&1 || useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin traefik
mkdir -p ${folder} /etc/traefik
if ! { ${isVersion(version)}; }; then
  curl -fsSL --retry 3 -o ${folder}/${archive} https://github.com/traefik/traefik/releases/download/v${version}/${archive}
  if ! echo '${sha256}  ${folder}/${archive}' | sha256sum -c - >/dev/null 2>&1; then
    rm -f ${folder}/${archive}
    echo '${archive} does not have the SHA-256 that services.yaml tells: ${sha256}.' >&2
    exit 1
  fi
  tar -xzf ${folder}/${archive} -C ${folder} traefik
  rm -f ${folder}/${archive}
  chown root:root ${program}
  chmod 0755 ${program}
fi
# The one in use stays until the next one runs.
for old in /opt/traefik/*; do
  if [ "$old" != ${folder} ] && ! grep -qsF "$old/" ${places.unit}; then rm -rf "$old"; fi
done`,
    verify: `${isVersion(version)}
id traefik >/dev/null 2>&1`,
  };
}

function isVersion(version: string): string {
  return `${programOf(version)} version 2>/dev/null | grep -q '^Version: *${version.replaceAll(".", "\\.")}$'`;
}
