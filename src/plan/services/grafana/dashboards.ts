import { renderBackupDashboard } from "./backup-dashboard.ts";
import { renderClusterDashboard } from "./cluster-dashboard.ts";
import type { DashboardJson } from "./dashboard-json.ts";
import { renderGuestDashboard } from "./guest-dashboard.ts";
import { renderNodeDashboard } from "./node-dashboard.ts";
import { renderTraefikDashboard } from "./traefik-dashboard.ts";
import { renderZfsDashboard } from "./zfs-dashboard.ts";

/**
 * All dashboards of the homelab.
 * @param withHistory whether there is an InfluxDB, to which Proxmox sends what it measures
 */
export function renderDashboards(withHistory: boolean): DashboardJson[] {
  return [
    renderClusterDashboard(),
    renderNodeDashboard(),
    renderGuestDashboard(withHistory),
    renderZfsDashboard(),
    renderBackupDashboard(withHistory),
    renderTraefikDashboard(),
  ];
}
