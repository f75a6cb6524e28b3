import type { DashboardJson } from "./dashboard-json.ts";
import { layOut, type RowArgs } from "./lay-out.ts";
import { influxQuery, promQuery, stat, table, timeSeries } from "./panels.ts";
import { once } from "./pve-metrics.ts";

const targets = 'max by (id, storage) (pve_storage_info{content=~".*backup.*"})';
const names = 'max by (vmid, name) (label_replace(pve_guest_info, "vmid", "$1", "id", ".+/(.+)"))';

/** Whether every guest is backed up, and whether there will be room for it. */
export function renderBackupDashboard(withHistory: boolean): DashboardJson {
  const used = once("pve_disk_usage_bytes");
  const size = once("pve_disk_size_bytes");
  const onTargets = `* on (id) group_left (storage) ${targets}`;
  return layOut({
    uid: "homelab-backups",
    title: "Backups",
    description: "Whether every guest is backed up, and whether there will be room for it.",
    from: "now-7d",
    rows: [
      {
        title: "Guests",
        panels: [
          stat({
            title: "In no backup job",
            unit: "none",
            width: 6,
            limits: [[1, "red"]],
            queries: [promQuery("max(pve_not_backed_up_total)")],
          }),
          table({
            title: "Which ones",
            unit: "none",
            width: 18,
            queries: [
              promQuery("max by (id, name, node) (pve_guest_info) and on (id) max by (id) (pve_not_backed_up_info)"),
            ],
          }),
          timeSeries({
            title: "Age of the newest backup",
            unit: "s",
            width: 24,
            queries: [
              promQuery(
                `(time() - max by (storage, vmid) (homelab_backup_last_timestamp_seconds)) * on (vmid) group_left (name) ${names}`,
                "{{name}} on {{storage}}",
              ),
            ],
          }),
        ],
      },
      {
        title: "Targets",
        panels: [
          timeSeries({
            title: "Used",
            unit: "percentunit",
            max: 1,
            limits: [
              [0.8, "orange"],
              [0.9, "red"],
            ],
            queries: [promQuery(`${used} / ${size} ${onTargets}`, "{{storage}}")],
          }),
          timeSeries({
            title: "Full at this rate in",
            description: "From the growth of the last week; what shrinks is never full, and not shown.",
            unit: "s",
            queries: [
              promQuery(
                `(${size} - ${used}) / (max by (id) (deriv(pve_disk_usage_bytes[7d])) > 0) ${onTargets}`,
                "{{storage}}",
              ),
            ],
          }),
        ],
      },
      ...(withHistory ? [history()] : []),
    ],
  });
}

function history(): RowArgs {
  const query = influxQuery(
    `SELECT mean("used") FROM "system" WHERE "object" = 'storages' AND $timeFilter GROUP BY time($__interval), "host" fill(none)`,
    "$tag_host",
  );
  return { title: "History", panels: [timeSeries({ title: "Used", unit: "bytes", width: 24, queries: [query] })] };
}
