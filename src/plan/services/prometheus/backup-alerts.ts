import type { Inventory } from "../../../inventory/inventory.ts";
import type { AlertSettings } from "../../../inventory/services/prometheus.ts";
import { planBackups, type BackupJobPlan } from "../../backups.ts";
import type { AlertRule } from "./alert-rules.ts";

const hour = 3600;
const day = 24 * hour;

/** Backups that should be there: each job on each node has its own schedule. */
export function backupAlerts(inventory: Inventory, { backupGrace }: AlertSettings): AlertRule[] {
  const { pveExporter } = inventory.services.prometheus ?? {};
  return [
    ...planBackups(inventory).flatMap((job) => jobAlerts(job, backupGrace)),
    {
      alert: "BackupStorageUnreadable",
      expr: "homelab_backup_storage_readable == 0",
      // The script runs each hour: twice in a row.
      for: "90m",
      labels: { severity: "critical" },
      annotations: {
        summary: "{{ $labels.instance }} cannot list the backups on {{ $labels.storage }}.",
        action: "Look whether its server answers: pvesm status --storage {{ $labels.storage }}",
      },
    },
    ...(pveExporter === undefined ? [] : [withoutJob]),
  ];
}

const withoutJob: AlertRule = {
  alert: "GuestWithoutBackupJob",
  expr: "max by (id, name) (pve_not_backed_up_info * on (id, instance) group_left (name) pve_guest_info)",
  for: "1h",
  labels: { severity: "warning" },
  annotations: {
    summary: "No backup job covers {{ $labels.name }} ({{ $labels.id }}).",
    action: "Let a job of its node cover it: backups.yaml.",
  },
};

function jobAlerts({ job, node, storage, schedule, exclude }: BackupJobPlan, grace: number): AlertRule[] {
  const allowed = (/^\w+ /.test(schedule) ? 7 * day : day) + grace;
  const left = exclude.length === 0 ? "" : `, vmid!~"${exclude.join("|")}"`;
  const newest = `homelab_backup_last_timestamp_seconds{instance="${node}", storage="${storage}"${left}}`;
  const labels = { severity: "critical", backup: job, node } as const;
  return [
    {
      alert: "BackupOverdue",
      expr: `time() - (${newest} != 0) > ${allowed}`,
      labels,
      annotations: {
        summary: `The newest backup of {{ $labels.vmid }} on ${storage} is {{ $value | humanizeDuration }} old.`,
        action: `Read the last task of the job ${job} on ${node}; it is scheduled for ${schedule}.`,
      },
    },
    {
      // A guest that is new has a backup once the job has run.
      alert: "BackupMissing",
      expr: `${newest} == 0`,
      for: `${allowed / hour}h`,
      labels,
      annotations: {
        summary: `There is no backup of {{ $labels.vmid }} on ${storage}.`,
        action: `Read the last task of the job ${job} on ${node}; it is scheduled for ${schedule}.`,
      },
    },
  ];
}
