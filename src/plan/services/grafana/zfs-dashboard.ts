import type { DashboardJson } from "./dashboard-json.ts";
import { labelVariable, layOut } from "./lay-out.ts";
import { promQuery, stat, timeSeries } from "./panels.ts";

const chosen = 'instance=~"$instance"';

/** Pools: whether they are whole, how full they are, and whether the cache is worth its memory. */
export function renderZfsDashboard(): DashboardJson {
  return layOut({
    uid: "homelab-zfs",
    title: "ZFS",
    description: "Whether pools are whole, how full they are, and whether the cache is worth its memory.",
    from: "now-24h",
    variables: [labelVariable("instance", "Node", "node_zfs_arc_size", "instance")],
    rows: [
      {
        title: "Pools",
        panels: [
          stat({
            title: "Pools that are not whole",
            description: "`zpool status -x` on the node says which disk it is.",
            unit: "none",
            limits: [[1, "red"]],
            queries: [promQuery(`count(node_zfs_zpool_state{${chosen}, state!="online"} == 1) or vector(0)`)],
          }),
          stat({
            title: "Oldest scrub",
            description: "A scrub finds what has decayed while there is still a copy to mend it from.",
            unit: "s",
            limits: [[40 * 86_400, "red"]],
            queries: [promQuery(`time() - min(homelab_zpool_last_scrub_timestamp_seconds{${chosen}})`)],
          }),
          stat({
            title: "Pools that have lost data",
            description: "`zpool status -v` on the node names the files.",
            unit: "none",
            limits: [[1, "red"]],
            queries: [promQuery(`count(homelab_zpool_data_errors{${chosen}} == 1) or vector(0)`)],
          }),
          timeSeries({
            title: "Used",
            description: "A pool gets slow above 80 %, and cannot be mended by deleting once it is full.",
            unit: "percentunit",
            max: 1,
            limits: [
              [0.8, "orange"],
              [0.9, "red"],
            ],
            queries: [
              promQuery(
                `homelab_zpool_allocated_bytes{${chosen}} / homelab_zpool_size_bytes{${chosen}}`,
                "{{instance}} {{zpool}}",
              ),
            ],
          }),
          timeSeries({
            title: "Read",
            unit: "Bps",
            queries: [
              promQuery(
                `sum by (instance, zpool) (rate(node_zfs_zpool_dataset_nread{${chosen}}[$__rate_interval]))`,
                "{{instance}} {{zpool}}",
              ),
            ],
          }),
          timeSeries({
            title: "Written",
            unit: "Bps",
            queries: [
              promQuery(
                `sum by (instance, zpool) (rate(node_zfs_zpool_dataset_nwritten{${chosen}}[$__rate_interval]))`,
                "{{instance}} {{zpool}}",
              ),
            ],
          }),
        ],
      },
      {
        title: "Cache (ARC)",
        panels: [
          timeSeries({
            title: "Size",
            unit: "bytes",
            queries: [
              promQuery(`node_zfs_arc_size{${chosen}}`, "{{instance}}"),
              promQuery(`node_zfs_arc_c_max{${chosen}}`, "{{instance}} limit"),
            ],
          }),
          timeSeries({
            title: "Reads that it answers",
            unit: "percentunit",
            max: 1,
            queries: [
              promQuery(
                `rate(node_zfs_arc_hits{${chosen}}[$__rate_interval]) / (rate(node_zfs_arc_hits{${chosen}}[$__rate_interval]) + rate(node_zfs_arc_misses{${chosen}}[$__rate_interval]))`,
                "{{instance}}",
              ),
            ],
          }),
        ],
      },
    ],
  });
}
