import type { Inventory } from "../../inventory/inventory.ts";
import { planBackups } from "../backups.ts";
import { partName } from "../names.ts";
import { sortedSet } from "../sorted.ts";
import type { StepPlan } from "../steps.ts";
import { hasNodeExporter, planNodeExporter } from "./node-exporter.ts";
import { nodeMetricsScript } from "./node-metrics-script.ts";

const program = "/usr/local/libexec/homelab-metrics";

/** Decides what a Proxmox VE node gets so that Prometheus learns how it is. */
export function planNodeServices(node: string, inventory: Inventory): StepPlan[] {
  return hasNodeExporter(inventory)
    ? [...planNodeExporter(node, { mayLackRepositories: true }), planMetrics(node, inventory)]
    : [];
}

/** A script that writes what the exporter reads; it runs each hour. */
function planMetrics(node: string, inventory: Inventory): StepPlan {
  const jobs = planBackups(inventory).filter((job) => job.node === node);
  const storages = sortedSet(jobs.map(({ storage }) => storage));
  const files: [path: string, mode: "0644" | "0755", text: string][] = [
    [program, "0755", nodeMetricsScript],
    ["/etc/default/homelab-metrics", "0644", `BACKUP_STORAGES="${storages.join(" ")}"\n`],
    ["/etc/systemd/system/homelab-metrics.service", "0644", service],
    ["/etc/systemd/system/homelab-metrics.timer", "0644", timer],
  ];
  return {
    name: partName(node, "metrics"),
    files: files.map(([path, mode, text]) => ({ path, mode, owner: "root:root", text: [text] })),
    check: `sh -n "$STAGED${program}"`,
    activate: `systemctl daemon-reload
systemctl enable --quiet homelab-metrics.timer
systemctl restart homelab-metrics.timer`,
    verify: "systemctl is-enabled --quiet homelab-metrics.timer\nsystemctl is-active --quiet homelab-metrics.timer",
    units: ["homelab-metrics.timer"],
  };
}

const service = `[Unit]
Description=Metrics of pools and backups for prometheus-node-exporter
After=pve-cluster.service zfs.target

[Service]
Type=oneshot
EnvironmentFile=/etc/default/homelab-metrics
ExecStart=${program}
Nice=19
IOSchedulingClass=idle
`;

const timer = `[Unit]
Description=Metrics of pools and backups, each hour

[Timer]
OnActiveSec=10s
OnUnitActiveSec=1h
RandomizedDelaySec=2min

[Install]
WantedBy=timers.target
`;
