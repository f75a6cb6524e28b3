import type { Dashboard, Panel, RowPanel, VariableModel } from "@grafana/grafana-foundation-sdk/dashboard";
import type { DataSourceRef } from "@grafana/grafana-foundation-sdk/common";
import type { Dataquery } from "@grafana/grafana-foundation-sdk/prometheus";

/** Grafana's official types as they are in JSON: enumerations are their values, and nothing marks variants. */
export type Json<T> = T extends string
  ? `${T}`
  : T extends number
    ? `${T}` extends `${infer Value extends number}`
      ? Value
      : T
    : T extends readonly (infer Item)[]
      ? readonly Json<Item>[]
      : T extends object
        ? { readonly [Key in keyof T as Key extends `_${string}` ? never : Key]: Json<T[Key]> }
        : T;

/** A dashboard as files have it. */
// Every Grafana reads this version of the schema; the next one only those from 12 on.
// eslint-disable-next-line @typescript-eslint/no-deprecated
export type DashboardJson = Omit<Json<Dashboard>, "panels"> & { readonly panels: readonly (PanelJson | RowJson)[] };

/** A panel of one of the kinds that the dashboards use. */
export type PanelJson = Omit<Json<Panel>, "targets"> & { readonly targets?: readonly TargetJson[] };

/** The title of what follows below. */
export type RowJson = Json<RowPanel>;

/** A choice at the top of a dashboard. */
export type VariableJson = Json<VariableModel>;

/** A query in InfluxQL; Grafana publishes no type for it (https://grafana.com/docs/grafana/latest/datasources/influxdb/query-editor/). */
export interface InfluxQuery {
  readonly refId: string;
  readonly datasource: Json<DataSourceRef>;
  readonly rawQuery: true;
  readonly query: string;
  readonly resultFormat: "time_series";
  readonly alias: string;
}

/** A query of either database. */
export type TargetJson = Json<Dataquery> | InfluxQuery;
