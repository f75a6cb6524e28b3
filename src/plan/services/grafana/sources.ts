import type { DataSourceRef } from "@grafana/grafana-foundation-sdk/common";
import type { Json } from "./dashboard-json.ts";

/** Prometheus, as panels refer to it. */
export const prometheusSource = { type: "prometheus", uid: "prometheus" } as const satisfies Json<DataSourceRef>;

/** InfluxDB, as panels refer to it. */
export const influxSource = { type: "influxdb", uid: "influxdb" } as const satisfies Json<DataSourceRef>;
