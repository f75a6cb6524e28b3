import type { Inventory } from "../../../inventory/inventory.ts";
import type { AlertSettings } from "../../../inventory/services/prometheus.ts";
import { backupAlerts } from "./backup-alerts.ts";
import { hostAlerts } from "./host-alerts.ts";
import { monitoringAlerts } from "./monitoring-alerts.ts";
import { networkAlerts } from "./network-alerts.ts";
import { storageAlerts } from "./storage-alerts.ts";

/** One alert, as Prometheus takes it. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>> & { readonly severity: "critical" | "warning" };
  readonly annotations: {
    /** What is wrong, as a sentence. */
    readonly summary: string;
    /** What to do, as a sentence. */
    readonly action: string;
  };
}

/** One file of rules. */
export interface RuleFile {
  readonly file: string;
  readonly groups: readonly { readonly name: string; readonly rules: readonly AlertRule[] }[];
}

/** Decides the alerts; each file has one group. */
export function planAlertRules(inventory: Inventory, settings: AlertSettings): RuleFile[] {
  const groups = {
    backups: backupAlerts(inventory, settings),
    hosts: hostAlerts(inventory),
    monitoring: monitoringAlerts,
    network: networkAlerts(settings),
    storage: storageAlerts(inventory, settings),
  };
  return Object.entries(groups).map(([name, rules]) => ({ file: `${name}.yml`, groups: [{ name, rules }] }));
}
