import type { FieldConfig, Threshold } from "@grafana/grafana-foundation-sdk/dashboard";
import type { Options as StatOptions } from "@grafana/grafana-foundation-sdk/stat";
import type { Options as TableOptions } from "@grafana/grafana-foundation-sdk/table";
import type { FieldConfig as GraphConfig, Options as GraphOptions } from "@grafana/grafana-foundation-sdk/timeseries";
import type { Json, PanelJson } from "./dashboard-json.ts";
import { influxSource, prometheusSource } from "./sources.ts";

/** A query whose place in the panel is not known yet. */
export type Query =
  | { readonly kind: "prometheus"; readonly expr: string; readonly legend: string }
  | { readonly kind: "influxdb"; readonly query: string; readonly alias: string };

/** What a panel is made from. */
export interface PanelArgs {
  readonly title: string;
  /** What to do, or how to read it, where the title does not tell. */
  readonly description?: string;
  /** One of Grafana's units: `bytes`, `percentunit`, `s`. */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** Of 24 columns. */
  readonly width?: number;
  readonly max?: number;
  /** From which value on which colour: good is green. */
  readonly limits?: readonly (readonly [number, "orange" | "red"])[];
}

/** A panel whose place is not known yet. */
export interface UnplacedPanel {
  readonly width: number;
  readonly height: number;
  readonly panel: Omit<PanelJson, "gridPos" | "id">;
}

/** A query in PromQL. */
export function promQuery(expr: string, legend = ""): Query {
  return { kind: "prometheus", expr, legend };
}

/** A query in InfluxQL. */
export function influxQuery(query: string, alias: string): Query {
  return { kind: "influxdb", query, alias };
}

/** Lines over time. */
export function timeSeries(args: PanelArgs): UnplacedPanel {
  const options: Json<GraphOptions> = {
    legend: { showLegend: true, displayMode: "list", placement: "bottom", calcs: [] },
    tooltip: { mode: "multi", sort: "desc" },
  };
  const custom: Json<GraphConfig> = {
    drawStyle: "line",
    lineWidth: 1,
    fillOpacity: 10,
    showPoints: "never",
    spanNulls: false,
    thresholdsStyle: { mode: args.limits === undefined ? "off" : "line" },
  };
  return place(args, 12, 8, {
    type: "timeseries",
    options,
    fieldConfig: fields(args, "palette-classic", { min: 0, custom }),
  });
}

/** One number, green as long as all is well. */
export function stat(args: PanelArgs): UnplacedPanel {
  const options: Json<StatOptions> = {
    graphMode: "none",
    colorMode: "background",
    justifyMode: "auto",
    textMode: "auto",
    wideLayout: true,
    showPercentChange: false,
    percentChangeColorMode: "standard",
    orientation: "auto",
    reduceOptions: { calcs: ["lastNotNull"], values: false },
  };
  return place(args, 4, 4, { type: "stat", options, fieldConfig: fields(args, "thresholds") });
}

/** What there is now, a row each. */
export function table(args: PanelArgs): UnplacedPanel {
  const options: Json<TableOptions> = { frameIndex: 0, showHeader: true, cellHeight: "sm" };
  const { panel, ...size } = place(args, 12, 8, { type: "table", options, fieldConfig: fields(args, "thresholds") });
  const targets = panel.targets?.map((target) => ({
    ...target,
    format: "table" as const,
    instant: true,
    range: false,
  }));
  const transformations = [{ id: "organize", options: { excludeByName: { Time: true } } }];
  return { ...size, panel: { ...panel, ...(targets === undefined ? {} : { targets }), transformations } };
}

function place(
  { title, description, queries, width }: PanelArgs,
  usualWidth: number,
  height: number,
  panel: UnplacedPanel["panel"],
): UnplacedPanel {
  const datasource = queries.some(({ kind }) => kind === "influxdb") ? influxSource : prometheusSource;
  return {
    width: width ?? usualWidth,
    height,
    panel: {
      ...panel,
      title,
      ...(description === undefined ? {} : { description }),
      datasource,
      targets: queries.map((query, index) => ({
        refId: String.fromCharCode(65 + index),
        datasource,
        ...targetOf(query),
      })),
    },
  };
}

function targetOf(query: Query) {
  return query.kind === "prometheus"
    ? { expr: query.expr, legendFormat: query.legend, range: true, instant: false }
    : { rawQuery: true as const, query: query.query, resultFormat: "time_series" as const, alias: query.alias };
}

function fields(
  { unit, max, limits = [] }: PanelArgs,
  mode: "palette-classic" | "thresholds",
  more: Json<FieldConfig> = {},
): NonNullable<PanelJson["fieldConfig"]> {
  const steps: Json<Threshold>[] = [
    { value: null, color: "green" },
    ...limits.map(([value, color]) => ({ value, color })),
  ];
  return {
    defaults: {
      unit,
      ...(max === undefined ? {} : { max }),
      color: { mode },
      thresholds: { mode: "absolute", steps },
      ...more,
    },
    overrides: [],
  };
}
