import type { GitLab } from "../../../inventory/services/gitlab.ts";
import { sortedSet } from "../../sorted.ts";

/** The script that backs up GitLab's data and its configuration, with the secrets without which the data cannot be read. */
export function renderBackupScript(target: string, { keepDays, skip }: NonNullable<GitLab["backup"]>): string {
  const skipped = skip.length === 0 ? "" : ` SKIP=${sortedSet(skip).join(",")}`;
  return `#!/bin/sh
# Written by Pulumi from config/homelab; changes made here are undone.
# Backs up GitLab below /var/opt/gitlab, and copies that to the NAS; old copies go when a new one is there.
set -eu
local=/var/opt/gitlab/backups
settings=/var/opt/gitlab/config-backups
metrics=/var/lib/prometheus/node-exporter
stamp="$(date -u +%s_%Y_%m_%d)"

if ! mountpoint -q ${target}; then
  echo 'The NAS is not mounted at ${target}; nothing was backed up.' >&2
  exit 1
fi

rm -rf "$settings"
mkdir -m 0700 "$settings"
gitlab-ctl backup-etc --backup-path "$settings"
gitlab-backup create CRON=1 BACKUP="$stamp"${skipped}

# copy FILE FOLDER: nobody ever sees half of it under its own name.
copy() {
  mkdir -p "${target}/$2"
  cp "$1" "${target}/$2/.\${1##*/}.part"
  mv "${target}/$2/.\${1##*/}.part" "${target}/$2/\${1##*/}"
}
# The secrets are in a folder of their own, so that the two can be kept apart.
for file in "$settings"/*.tar; do copy "$file" config; done
copy "$local/\${stamp}_gitlab_backup.tar" data

# The newest stays here, and comes into the backup of the machine.
find "$local" -maxdepth 1 -type f -name '*_gitlab_backup.tar' ! -name "\${stamp}_gitlab_backup.tar" -delete
find ${target}/config ${target}/data -maxdepth 1 -type f -name '*.tar' -mtime +${keepDays - 1} -delete
find ${target}/config ${target}/data -maxdepth 1 -type f -name '.*.part' -mtime +1 -delete

if [ -d "$metrics" ]; then
  echo "gitlab_backup_last_success_timestamp_seconds $(date +%s)" >"$metrics/.gitlab-backup.new"
  chmod 0644 "$metrics/.gitlab-backup.new"
  mv "$metrics/.gitlab-backup.new" "$metrics/gitlab-backup.prom"
fi
`;
}
