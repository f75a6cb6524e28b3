import type { DashboardJson } from "./dashboard-json.ts";
import { labelVariable, layOut, type RowArgs } from "./lay-out.ts";
import { influxQuery, promQuery, timeSeries } from "./panels.ts";
import { ofGuests } from "./pve-metrics.ts";

const chosen = '{name=~"$guest"}';

/** What containers and machines take, as Proxmox sees them from outside. */
export function renderGuestDashboard(withHistory: boolean): DashboardJson {
  return layOut({
    uid: "homelab-guests",
    title: "Guests",
    description: "What containers and virtual machines take, as Proxmox sees them from outside.",
    from: "now-24h",
    variables: [labelVariable("guest", "Guest", "pve_guest_info", "name")],
    rows: [
      {
        title: "Now",
        panels: [
          timeSeries({
            title: "Processors",
            description: "Of the cores that it has.",
            unit: "percentunit",
            queries: [promQuery(ofGuests("pve_cpu_usage_ratio", undefined, chosen), "{{name}}")],
          }),
          timeSeries({
            title: "Memory",
            unit: "bytes",
            queries: [promQuery(ofGuests("pve_memory_usage_bytes", undefined, chosen), "{{name}}")],
          }),
          timeSeries({
            title: "Network",
            description: "Received, and sent.",
            unit: "Bps",
            queries: [
              promQuery(rateOf("pve_network_receive_bytes_total"), "{{name}} received"),
              promQuery(rateOf("pve_network_transmit_bytes_total"), "{{name}} sent"),
            ],
          }),
          timeSeries({
            title: "Disks",
            unit: "Bps",
            queries: [
              promQuery(rateOf("pve_disk_read_bytes_total"), "{{name}} read"),
              promQuery(rateOf("pve_disk_written_bytes_total"), "{{name}} written"),
            ],
          }),
          timeSeries({
            title: "Time since the last start",
            unit: "s",
            width: 24,
            queries: [promQuery(ofGuests("pve_uptime_seconds", undefined, chosen), "{{name}}")],
          }),
        ],
      },
      ...(withHistory ? [history()] : []),
    ],
  });
}

/** What Proxmox itself has sent to InfluxDB, which keeps it longer than Prometheus does. */
function history(): RowArgs {
  const of = (field: string) =>
    influxQuery(
      `SELECT mean("${field}") FROM "system" WHERE ("object" = 'lxc' OR "object" = 'qemu') AND "host" =~ /^\${guest:regex}$/ AND $timeFilter GROUP BY time($__interval), "host" fill(none)`,
      "$tag_host",
    );
  return {
    title: "History",
    panels: [
      timeSeries({ title: "Processors", unit: "percentunit", queries: [of("cpu")] }),
      timeSeries({ title: "Memory", unit: "bytes", queries: [of("mem")] }),
    ],
  };
}

function rateOf(metric: string): string {
  return ofGuests(`rate(${metric}[$__rate_interval])`, undefined, chosen);
}
