import { textfileFolder } from "./node-exporter.ts";

/**
 * Tells what no exporter does: how full pools are and when they were scrubbed, and how old the newest backup of each guest
 * is. BACKUP_STORAGES is a list of storages.
 */
export const nodeMetricsScript = String.raw`#!/bin/sh
set -eu
LC_ALL=C
export LC_ALL

guests=${"${GUESTS:-/etc/pve/local}"}
storages=${"${BACKUP_STORAGES:-}"}
target=${`\${METRICS_FILE:-${textfileFolder}/homelab.prom}`}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/metrics"

# metric NAME HELP
metric() {
  printf '# HELP %s %s\n# TYPE %s gauge\n' "$1" "$2" "$1" > "$work/metrics/$1"
}

# sample NAME LABELS VALUE
sample() {
  printf '%s{%s} %s\n' "$1" "$2" "$3" >> "$work/metrics/$1"
}

# The end of the last scrub or resilver, else when the pool was made.
last_scrub() {
  when=$(zpool status "$1" | sed -n 's/^ *scan: \(scrub repaired\|resilvered\) .* on \(.*\)$/\2/p; s/^ *scan: scrub in progress since \(.*\)$/\1/p')
  if [ -n "$when" ]; then date -d "$when" +%s; else zfs get -Hp -o value creation "$1"; fi
}

metric homelab_zpool_size_bytes 'Room in a ZFS pool, with what redundancy takes.'
metric homelab_zpool_allocated_bytes 'What is in use of it.'
metric homelab_zpool_data_errors 'Whether a ZFS pool knows of errors in data that it cannot mend.'
metric homelab_zpool_last_scrub_timestamp_seconds 'When a ZFS pool was read as a whole, or made.'
zpool list -Hp -o name,size,allocated > "$work/pools"
while read -r pool size allocated; do
  sample homelab_zpool_size_bytes "zpool=\"$pool\"" "$size"
  sample homelab_zpool_allocated_bytes "zpool=\"$pool\"" "$allocated"
  errors=1
  if zpool status "$pool" | grep -q '^errors: No known data errors'; then errors=0; fi
  sample homelab_zpool_data_errors "zpool=\"$pool\"" "$errors"
  sample homelab_zpool_last_scrub_timestamp_seconds "zpool=\"$pool\"" "$(last_scrub "$pool")"
done < "$work/pools"

for file in "$guests"/lxc/*.conf "$guests"/qemu-server/*.conf; do
  if [ -e "$file" ]; then basename "$file" .conf; fi
done > "$work/guests"

metric homelab_backup_storage_readable 'Whether the backups on a storage can be listed.'
metric homelab_backup_last_timestamp_seconds 'When the newest backup of a guest on this node began; 0 where there is none.'
for storage in $storages; do
  if ! timeout 120 pvesm list "$storage" --content backup > "$work/backups"; then
    sample homelab_backup_storage_readable "storage=\"$storage\"" 0
    continue
  fi
  sample homelab_backup_storage_readable "storage=\"$storage\"" 1
  while read -r vmid; do
    # vzdump-lxc-101-2026_11_28-01_00_02.tar.zst, in the node's time
    began=$(sed -n "s,^[^ ]*backup/vzdump-\(lxc\|qemu\)-$vmid-\(....\)_\(..\)_\(..\)-\(..\)_\(..\)_\(..\)\..*,\2-\3-\4 \5:\6:\7,p" "$work/backups" | sort | tail -n 1)
    seconds=0
    if [ -n "$began" ]; then seconds=$(date -d "$began" +%s); fi
    sample homelab_backup_last_timestamp_seconds "storage=\"$storage\",vmid=\"$vmid\"" "$seconds"
  done < "$work/guests"
done

cat "$work"/metrics/* > "$target.new"
chmod 0644 "$target.new"
mv "$target.new" "$target"
`;
