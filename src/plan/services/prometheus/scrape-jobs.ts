import type { Inventory } from "../../../inventory/inventory.ts";
import type { ScrapeJobName } from "../../../inventory/services/prometheus.ts";
import { guestsOf, type NamedGuest } from "../../named-guests.ts";
import { sortedEntries, sortedSet } from "../../sorted.ts";
import { metricsOf } from "../metrics.ts";
import { hasNodeExporter, nodeExporterPort } from "../node-exporter.ts";
import { planProbes } from "./probes.ts";

/** Some addresses that share their labels; `instance` is the name of the guest or node. */
export interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** One job of scrape_configs, as Prometheus takes it. */
export interface ScrapeJob {
  readonly job_name: ScrapeJobName;
  /** `60s`; without it the usual one. */
  readonly scrape_interval?: string;
  readonly metrics_path?: string;
  readonly params?: Readonly<Record<string, readonly string[]>>;
  readonly static_configs: readonly TargetGroup[];
  readonly relabel_configs?: readonly Readonly<Record<string, unknown>>[];
}

/** Where the exporter of Proxmox VE listens: nobody but Prometheus beside it has to reach it. */
export const pveExporterAddress = "127.0.0.1:9221";

/** Decides whom Prometheus asks; the first job is itself. */
export function planScrapeJobs(named: NamedGuest, port: number, inventory: Inventory): ScrapeJob[] {
  const { name, guest } = named;
  const own = { targets: [`localhost:${port}`], labels: { instance: name, node: guest.node } };
  const jobs: readonly ScrapeJob[] = [
    { job_name: "prometheus", static_configs: [own] },
    ...planExporterJobs(inventory),
    ...planPveJob(inventory),
    ...planProbes(named, inventory),
  ];
  const intervals = inventory.services.prometheus?.scrapeIntervals ?? {};
  return jobs.map(({ job_name, ...job }) => {
    const seconds = intervals[job_name];
    return { job_name, ...(seconds === undefined ? {} : { scrape_interval: `${seconds}s` }), ...job };
  });
}

/** Asks an exporter for what it finds out about each target. */
export function throughExporter(address: string): Readonly<Record<string, unknown>>[] {
  return [
    { source_labels: ["__address__"], target_label: "__param_target" },
    { target_label: "__address__", replacement: address },
  ];
}

/** One job for each kind of software, the exporters of nodes among them. */
function planExporterJobs(inventory: Inventory): ScrapeJob[] {
  const guests = guestsOf(inventory).flatMap((named) =>
    metricsOf(named, inventory).map(({ job, scheme, port }) => ({
      job,
      group: {
        targets: [`${named.guest.address}:${port}`],
        labels: {
          instance: named.name,
          kind: "guest",
          node: named.guest.node,
          ...(scheme === "https" ? { __scheme__: scheme } : {}),
        },
      },
    })),
  );
  const nodes = sortedEntries(hasNodeExporter(inventory) ? inventory.nodes : {}).map(([name, { address }]) => ({
    job: "node" as const,
    group: { targets: [`${address}:${nodeExporterPort}`], labels: { instance: name, kind: "node", node: name } },
  }));
  const endpoints = [...nodes, ...guests];
  return sortedSet(endpoints.map(({ job }) => job)).map((job_name) => ({
    job_name,
    static_configs: endpoints.filter(({ job }) => job === job_name).map(({ group }) => group),
  }));
}

/** Every node answers for the whole cluster, so that the loss of one hides nothing. */
function planPveJob({ nodes, services }: Inventory): ScrapeJob[] {
  if (services.prometheus?.pveExporter === undefined) return [];
  return [
    {
      job_name: "pve",
      metrics_path: "/pve",
      params: { cluster: ["1"], node: ["1"] },
      static_configs: sortedEntries(nodes).map(([name, { address }]) => ({
        targets: [address],
        labels: { instance: name },
      })),
      relabel_configs: throughExporter(pveExporterAddress),
    },
  ];
}
