import type { Inventory } from "../../inventory/inventory.ts";
import { partName } from "../names.ts";
import type { StepPlan } from "../steps.ts";
import { planPackages } from "./install-packages.ts";

/** Where prometheus-node-exporter listens. */
export const nodeExporterPort = 9100;
/** Where it looks for metrics that others write. */
export const textfileFolder = "/var/lib/prometheus/node-exporter";

/** Whether guests and nodes have prometheus-node-exporter. */
export function hasNodeExporter({ services }: Inventory): boolean {
  return services.system?.nodeExporter === true;
}

/** Decides how a guest or a node gets prometheus-node-exporter, in the version that its Debian has. */
export function planNodeExporter(owner: string, { mayLackRepositories = false } = {}): StepPlan[] {
  return [
    planPackages({
      name: partName(owner, "node-exporter-packages"),
      versions: { "prometheus-node-exporter": "*" },
      mayLackRepositories,
    }),
    {
      name: partName(owner, "node-exporter"),
      files: [
        {
          path: "/etc/default/prometheus-node-exporter",
          mode: "0644",
          owner: "root:root",
          text: ['ARGS="--collector.systemd"\n'],
        },
      ],
      activate: "systemctl enable --quiet prometheus-node-exporter\nsystemctl restart prometheus-node-exporter",
      verify:
        "systemctl is-enabled --quiet prometheus-node-exporter\nsystemctl is-active --quiet prometheus-node-exporter",
      settleSeconds: 10,
      units: ["prometheus-node-exporter"],
    },
  ];
}
