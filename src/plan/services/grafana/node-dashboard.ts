import type { DashboardJson } from "./dashboard-json.ts";
import { labelVariable, layOut } from "./lay-out.ts";
import { promQuery, timeSeries } from "./panels.ts";

const chosen = 'instance=~"$instance"';
const disks = `${chosen}, device=~"nvme.+|sd.+|vd.+"`;
const interfaces = `${chosen}, device!~"lo|veth.+|tap.+|fwbr.+|fwln.+|fwpr.+"`;
const fileSystems = `${chosen}, fstype!~"tmpfs|ramfs|overlay|fuse.*|efivarfs"`;

/** A machine from inside: what it works at, what it waits for, and how warm it is. */
export function renderNodeDashboard(): DashboardJson {
  return layOut({
    uid: "homelab-nodes",
    title: "Nodes",
    description: "Machines from inside, as the node exporter sees them.",
    from: "now-24h",
    variables: [labelVariable("instance", "Machine", "node_uname_info", "instance")],
    rows: [
      {
        title: "Processors and memory",
        panels: [
          timeSeries({
            title: "Processors",
            unit: "percentunit",
            max: 1,
            queries: [
              promQuery(
                `1 - avg by (instance) (rate(node_cpu_seconds_total{${chosen}, mode="idle"}[$__rate_interval]))`,
                "{{instance}}",
              ),
            ],
          }),
          timeSeries({
            title: "Load per processor",
            unit: "none",
            limits: [[1, "orange"]],
            queries: [
              promQuery(
                `node_load5{${chosen}} / on (instance) count by (instance) (node_cpu_seconds_total{${chosen}, mode="idle"})`,
                "{{instance}}",
              ),
            ],
          }),
          timeSeries({
            title: "Memory",
            description: "ZFS's cache counts as used, although it gives way.",
            unit: "percentunit",
            max: 1,
            queries: [
              promQuery(
                `1 - node_memory_MemAvailable_bytes{${chosen}} / node_memory_MemTotal_bytes{${chosen}}`,
                "{{instance}}",
              ),
            ],
          }),
          timeSeries({
            title: "Waiting",
            description:
              "The part of the time in which something had to wait: for a processor, for a disk, for memory.",
            unit: "percentunit",
            queries: [
              promQuery(
                `rate(node_pressure_cpu_waiting_seconds_total{${chosen}}[$__rate_interval])`,
                "{{instance}} processor",
              ),
              promQuery(
                `rate(node_pressure_io_waiting_seconds_total{${chosen}}[$__rate_interval])`,
                "{{instance}} disk",
              ),
              promQuery(
                `rate(node_pressure_memory_waiting_seconds_total{${chosen}}[$__rate_interval])`,
                "{{instance}} memory",
              ),
            ],
          }),
        ],
      },
      {
        title: "Disks",
        panels: [
          timeSeries({
            title: "Busy",
            unit: "percentunit",
            max: 1,
            queries: [
              promQuery(`rate(node_disk_io_time_seconds_total{${disks}}[$__rate_interval])`, "{{instance}} {{device}}"),
            ],
          }),
          timeSeries({
            title: "Throughput",
            unit: "Bps",
            queries: [
              promQuery(`rate(node_disk_read_bytes_total{${disks}}[$__rate_interval])`, "{{instance}} {{device}} read"),
              promQuery(
                `rate(node_disk_written_bytes_total{${disks}}[$__rate_interval])`,
                "{{instance}} {{device}} written",
              ),
            ],
          }),
          timeSeries({
            title: "File systems",
            unit: "percentunit",
            max: 1,
            width: 24,
            limits: [
              [0.8, "orange"],
              [0.9, "red"],
            ],
            queries: [
              promQuery(
                `1 - node_filesystem_avail_bytes{${fileSystems}} / node_filesystem_size_bytes{${fileSystems}}`,
                "{{instance}} {{mountpoint}}",
              ),
            ],
          }),
        ],
      },
      {
        title: "Network and temperature",
        panels: [
          timeSeries({
            title: "Network",
            unit: "Bps",
            queries: [
              promQuery(
                `rate(node_network_receive_bytes_total{${interfaces}}[$__rate_interval])`,
                "{{instance}} {{device}} received",
              ),
              promQuery(
                `rate(node_network_transmit_bytes_total{${interfaces}}[$__rate_interval])`,
                "{{instance}} {{device}} sent",
              ),
            ],
          }),
          timeSeries({
            title: "Temperature",
            unit: "celsius",
            limits: [[85, "red"]],
            queries: [
              promQuery(`max by (instance, chip) (node_hwmon_temp_celsius{${chosen}})`, "{{instance}} {{chip}}"),
            ],
          }),
        ],
      },
    ],
  });
}
