import type { Inventory } from "../../../inventory/inventory.ts";
import type { AlertSettings } from "../../../inventory/services/prometheus.ts";
import type { AlertRule } from "./alert-rules.ts";

const day = 86_400;

/** ZFS pools, Proxmox VE's storages and the file systems of guests. */
export function storageAlerts({ services }: Inventory, settings: AlertSettings): AlertRule[] {
  return [
    ...poolAlerts(settings),
    ...(services.prometheus?.pveExporter === undefined ? [] : storagesOfProxmox(settings)),
    {
      alert: "FilesystemNearlyFull",
      expr: `1 - node_filesystem_avail_bytes{kind="guest"} / node_filesystem_size_bytes{kind="guest"} > ${settings.capacity / 100}`,
      for: "30m",
      labels: { severity: "warning" },
      annotations: {
        summary: "{{ $labels.mountpoint }} of {{ $labels.instance }} is {{ $value | humanizePercentage }} full.",
        action: "Remove something, or give it a larger volume.",
      },
    },
  ];
}

function poolAlerts({ capacity, scrub }: AlertSettings): AlertRule[] {
  return [
    {
      alert: "PoolNotHealthy",
      expr: `node_zfs_zpool_state{kind="node", state!="online"} == 1`,
      for: "1m",
      labels: { severity: "critical" },
      annotations: {
        summary: "The pool {{ $labels.zpool }} of {{ $labels.instance }} is {{ $labels.state }}.",
        action: "Replace the disk that zpool status -x names.",
      },
    },
    {
      alert: "PoolHasErrors",
      expr: "homelab_zpool_data_errors == 1",
      labels: { severity: "critical" },
      annotations: {
        summary: "The pool {{ $labels.zpool }} of {{ $labels.instance }} has lost data.",
        action: "zpool status -v names the files; bring them back from a backup.",
      },
    },
    {
      alert: "PoolNearlyFull",
      expr: `homelab_zpool_allocated_bytes / homelab_zpool_size_bytes > ${capacity / 100}`,
      for: "30m",
      labels: { severity: "warning" },
      annotations: {
        summary: "The pool {{ $labels.zpool }} of {{ $labels.instance }} is {{ $value | humanizePercentage }} full.",
        action: "Remove volumes or snapshots, or add disks: ZFS slows down, and a full pool stops its guests.",
      },
    },
    {
      alert: "PoolScrubOverdue",
      expr: `time() - homelab_zpool_last_scrub_timestamp_seconds > ${scrub}`,
      labels: { severity: "warning" },
      annotations: {
        summary: `The pool {{ $labels.zpool }} of {{ $labels.instance }} was not scrubbed for ${scrub / day} days.`,
        action: "zpool scrub {{ $labels.zpool }}, and see why no timer does: systemctl list-timers",
      },
    },
  ];
}

function storagesOfProxmox({ capacity }: AlertSettings): AlertRule[] {
  return [
    {
      alert: "StorageUnavailable",
      expr: `max by (id) (pve_up{id=~"storage/.+"}) == 0`,
      for: "15m",
      labels: { severity: "critical" },
      annotations: {
        summary: "{{ $labels.id }} is not available.",
        action: "Look whether its server answers; pvesm status says more.",
      },
    },
    {
      alert: "StorageNearlyFull",
      expr: `max by (id) (pve_disk_usage_bytes{id=~"storage/.+"} / pve_disk_size_bytes{id=~"storage/.+"}) > ${capacity / 100}`,
      for: "30m",
      labels: { severity: "warning" },
      annotations: {
        summary: "{{ $labels.id }} is {{ $value | humanizePercentage }} full.",
        action: "Remove what is not needed, or keep fewer backups.",
      },
    },
  ];
}
