import { influxSource, prometheusSource } from "./sources.ts";
import { renderYaml } from "../../render-yaml.ts";

/** Where Grafana finds what it shows. */
export interface DataSources {
  readonly prometheus?: { readonly url: string; readonly scrapeSeconds: number };
  readonly influxdb?: {
    readonly url: string;
    readonly bucket: string;
    readonly user: string;
    readonly passwordFile: string;
  };
}

/** Renders the data sources (https://grafana.com/docs/grafana/latest/administration/provisioning/#data-sources). */
export function renderDataSources({ prometheus, influxdb }: DataSources): string {
  const common = { access: "proxy", orgId: 1, editable: false };
  return renderYaml({
    apiVersion: 1,
    // What is taken out of this file is taken out of Grafana.
    prune: true,
    datasources: [
      ...(prometheus === undefined
        ? []
        : [
            {
              name: "Prometheus",
              ...prometheusSource,
              ...common,
              url: prometheus.url,
              isDefault: true,
              jsonData: {
                httpMethod: "POST",
                prometheusType: "Prometheus",
                timeInterval: `${prometheus.scrapeSeconds}s`,
              },
            },
          ]),
      ...(influxdb === undefined
        ? []
        : [
            {
              name: "InfluxDB",
              ...influxSource,
              ...common,
              url: influxdb.url,
              user: influxdb.user,
              jsonData: { version: "InfluxQL", dbName: influxdb.bucket, httpMode: "POST" },
              secureJsonData: { password: `$__file{${influxdb.passwordFile}}` },
            },
          ]),
    ],
  });
}

/** Renders where dashboards are read from: files alone, so that what is changed in the browser does not stay. */
export function renderDashboardProvider(folder: string): string {
  return renderYaml({
    apiVersion: 1,
    providers: [
      {
        name: "homelab",
        orgId: 1,
        folder: "Homelab",
        type: "file",
        allowUiUpdates: false,
        updateIntervalSeconds: 30,
        options: { path: folder },
      },
    ],
  });
}
