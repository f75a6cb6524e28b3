import type { Inventory } from "../../inventory/inventory.ts";
import type { ScrapeJobName } from "../../inventory/services/prometheus.ts";
import { guestsOf, isDebian, type NamedGuest } from "../named-guests.ts";
import { hasNodeExporter, nodeExporterPort } from "./node-exporter.ts";
import { metricsPort as traefikMetricsPort } from "./traefik/places.ts";

/** Where software in a guest tells its metrics, below /metrics. */
export interface MetricsPlan {
  /** The job of Prometheus that asks for them: `grafana`. */
  readonly job: ScrapeJobName;
  readonly scheme: "http" | "https";
  readonly port: number;
}

/** Where GitLab's exporter tells its metrics. */
export const gitlabMetricsPort = 9168;

const defaultPorts = { grafana: 3000, influxdb: 8086 } as const;

/** What a guest tells Prometheus. */
export function metricsOf(named: NamedGuest, inventory: Inventory): MetricsPlan[] {
  if (!isDebian(named)) return [];
  const node = { job: "node", scheme: "http", port: nodeExporterPort } as const;
  return [...(hasNodeExporter(inventory) ? [node] : []), ...ownMetrics(named, inventory)];
}

/** The guests that ask. */
export function prometheusGuests(inventory: Inventory): NamedGuest[] {
  if (inventory.services.prometheus === undefined) return [];
  return guestsOf(inventory).filter(({ guest }) => guest.runs === "prometheus");
}

function ownMetrics({ guest }: NamedGuest, { services }: Inventory): MetricsPlan[] {
  const { runs, service } = guest;
  // Prometheus asks itself, and a runner has nothing to tell.
  if (runs === undefined || runs === "prometheus" || runs === "gitlab-runner" || services[runs] === undefined)
    return [];
  const scheme = service?.protocol === "https" ? "https" : "http";
  switch (runs) {
    case "grafana":
    case "influxdb":
      return [{ job: runs, scheme, port: service?.port ?? defaultPorts[runs] }];
    case "traefik":
      return [{ job: runs, scheme: "http", port: traefikMetricsPort }];
    case "gitlab":
      return [{ job: runs, scheme: "http", port: gitlabMetricsPort }];
  }
}
