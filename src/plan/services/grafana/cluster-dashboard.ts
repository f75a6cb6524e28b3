import type { DashboardJson } from "./dashboard-json.ts";
import { layOut } from "./lay-out.ts";
import { promQuery, stat, timeSeries } from "./panels.ts";
import { ofGuests, once } from "./pve-metrics.ts";

const guests = 'id=~"(lxc|qemu)/.+"';
const nodes = 'id=~"node/.+"';
const storages = 'id=~"storage/.+"';

/** What to look at first: whether all is there, and what is short. */
export function renderClusterDashboard(): DashboardJson {
  return layOut({
    uid: "homelab-cluster",
    title: "Cluster",
    description: "What runs, what does not, and what is short.",
    from: "now-24h",
    rows: [
      {
        title: "Now",
        panels: [
          stat({
            title: "Nodes down",
            unit: "none",
            queries: [promQuery(`count(${once(`pve_up{${nodes}}`)} == 0) or vector(0)`)],
            limits: [[1, "red"]],
          }),
          stat({
            title: "Guests down",
            unit: "none",
            queries: [promQuery(`count(${once(`pve_up{${guests}}`)} == 0) or vector(0)`)],
            limits: [[1, "orange"]],
          }),
          stat({
            title: "Guests running",
            unit: "none",
            queries: [promQuery(`sum(${once(`pve_up{${guests}}`)})`)],
          }),
          stat({
            title: "Guests in no backup job",
            unit: "none",
            queries: [promQuery("max(pve_not_backed_up_total)")],
            limits: [[1, "red"]],
          }),
          stat({
            title: "Alerts",
            unit: "none",
            queries: [promQuery('count(ALERTS{alertstate="firing"}) or vector(0)')],
            limits: [[1, "red"]],
          }),
          stat({
            title: "Exporters that do not answer",
            unit: "none",
            queries: [promQuery("count(up == 0) or vector(0)")],
            limits: [[1, "orange"]],
          }),
        ],
      },
      {
        title: "Nodes",
        panels: [
          timeSeries({
            title: "Processors",
            unit: "percentunit",
            max: 1,
            queries: [promQuery(once(`pve_cpu_usage_ratio{${nodes}}`), "{{id}}")],
          }),
          timeSeries({
            title: "Memory",
            unit: "percentunit",
            max: 1,
            limits: [[0.9, "orange"]],
            queries: [
              promQuery(
                `${once(`pve_memory_usage_bytes{${nodes}}`)} / ${once(`pve_memory_size_bytes{${nodes}}`)}`,
                "{{id}}",
              ),
            ],
          }),
        ],
      },
      {
        title: "Storages",
        panels: [
          timeSeries({
            title: "Used",
            description: "A ZFS pool gets slow above 80 %, and cannot be mended by deleting once it is full.",
            unit: "percentunit",
            max: 1,
            width: 24,
            limits: [
              [0.8, "orange"],
              [0.9, "red"],
            ],
            queries: [
              promQuery(
                `${once(`pve_disk_usage_bytes{${storages}}`)} / ${once(`pve_disk_size_bytes{${storages}}`)}`,
                "{{id}}",
              ),
            ],
          }),
        ],
      },
      {
        title: "The ten guests that take most",
        panels: [
          timeSeries({
            title: "Processors",
            description: "1 is one core.",
            unit: "none",
            queries: [promQuery(`topk(10, ${ofGuests("pve_cpu_usage_ratio", "pve_cpu_usage_limit")})`, "{{name}}")],
          }),
          timeSeries({
            title: "Memory",
            unit: "bytes",
            queries: [promQuery(`topk(10, ${ofGuests("pve_memory_usage_bytes")})`, "{{name}}")],
          }),
        ],
      },
    ],
  });
}
