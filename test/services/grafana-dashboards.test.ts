import { parser } from "@prometheus-io/lezer-promql";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DashboardJson, PanelJson, TargetJson } from "../../src/plan/services/grafana/dashboard-json.ts";
import { renderDashboards } from "../../src/plan/services/grafana/dashboards.ts";
import { layOut } from "../../src/plan/services/grafana/lay-out.ts";
import { stat, timeSeries } from "../../src/plan/services/grafana/panels.ts";
import { knownMetrics } from "./known-metrics.ts";

const dashboards = renderDashboards(true);
const [first] = dashboards as [DashboardJson];
const titles = dashboards.map((dashboard) => [dashboard.title, dashboard] as const);

test("there is one for each thing that a homelab has to look at, and its address never changes", () => {
  expect(dashboards.map(({ uid }) => uid)).toEqual([
    "homelab-cluster",
    "homelab-nodes",
    "homelab-guests",
    "homelab-zfs",
    "homelab-backups",
    "homelab-traefik",
  ]);
});

test("what Grafana's own types do not know is refused when types are checked", () => {
  const refused: unknown[] = [
    // @ts-expect-error a number where Grafana has a text
    { ...first, title: 1 } satisfies DashboardJson,
    // @ts-expect-error a way to show the pointer that there is not
    { ...first, graphTooltip: 9 } satisfies DashboardJson,
    // @ts-expect-error a colour mode that there is not
    { type: "stat", fieldConfig: { defaults: { color: { mode: "rainbow" } }, overrides: [] } } satisfies PanelJson,
    // @ts-expect-error a setting of a query that there is not
    { expr: "up", legend: "{{job}}" } satisfies TargetJson,
  ];
  expect(refused).toHaveLength(4);
});

describe.each(titles)("%s", (_title, dashboard) => {
  test("asks in PromQL that Prometheus's own grammar takes, for metrics that there are", () => {
    const expressions = expressionsOf(dashboard);
    expect(expressions).not.toEqual([]);
    for (const expression of expressions)
      expect(metricsIn(expression).filter((name) => !knownMetrics.has(name))).toEqual([]);
  });

  test("asks InfluxDB only for what lies in the time that is shown", () => {
    for (const query of influxQueriesOf(dashboard)) {
      expect(query).toMatch(
        /^SELECT mean\("\w+"\) FROM "system" WHERE .* AND \$timeFilter GROUP BY time\(\$__interval\), "host" fill\(none\)$/,
      );
    }
  });

  test("uses every variable that it has, and no other", () => {
    const used = new Set(
      [...expressionsOf(dashboard), ...influxQueriesOf(dashboard)].flatMap((text) =>
        [...text.matchAll(/\$\{?([a-z]\w*)/g)].map(([, name]) => name),
      ),
    );
    used.delete("timeFilter");
    expect([...used].sort()).toEqual((dashboard.templating.list ?? []).map(({ name }) => name).sort());
  });

  test("puts no panel onto another", () => {
    expect(overlaps(dashboard)).toEqual([]);
  });
});

test("without InfluxDB nothing asks for it", () => {
  expect(renderDashboards(false).flatMap(influxQueriesOf)).toEqual([]);
  expect(dashboards.flatMap(influxQueriesOf)).not.toEqual([]);
});

test("the grammar refuses what is not PromQL", () => {
  expect(() => metricsIn("sum by (id (up)")).toThrow();
  expect(() => metricsIn("rate(up[5m]")).toThrow();
});

test("panels of any width are placed without overlapping, each with an ID of its own", () => {
  const panel = fc
    .record({ width: fc.integer({ min: 1, max: 24 }), tall: fc.boolean() })
    .map(({ width, tall }) => (tall ? timeSeries : stat)({ title: "Any", unit: "none", width, queries: [] }));
  const rows = fc.array(fc.array(panel, { maxLength: 9 }), { maxLength: 4 });
  fc.assert(
    fc.property(rows, (list) => {
      const dashboard = layOut({
        uid: "any",
        title: "Any",
        description: "Any",
        from: "now-1h",
        rows: list.map((panels) => ({ title: "Row", panels })),
      });
      const ids = dashboard.panels.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(overlaps(dashboard)).toEqual([]);
    }),
  );
});

/** The metrics that an expression asks for; throws where it is none. */
function metricsIn(expression: string): string[] {
  const concrete = expression.replaceAll("$__rate_interval", "5m");
  const names: string[] = [];
  parser
    .configure({ strict: true })
    .parse(concrete)
    .iterate({
      enter: ({ name, from, to, node }) => {
        if (name === "Identifier" && node.parent?.name === "VectorSelector") names.push(concrete.slice(from, to));
      },
    });
  return names;
}

function targetsOf({ panels }: DashboardJson): TargetJson[] {
  return panels.flatMap((panel) => ("targets" in panel ? (panel.targets ?? []) : []));
}

function expressionsOf(dashboard: DashboardJson): string[] {
  const variables = (dashboard.templating.list ?? []).map(
    ({ definition = "" }) => /\((\w+),/.exec(definition)?.[1] ?? "",
  );
  return [...targetsOf(dashboard).flatMap((target) => ("expr" in target ? [target.expr] : [])), ...variables];
}

function influxQueriesOf(dashboard: DashboardJson): string[] {
  return targetsOf(dashboard).flatMap((target) => ("rawQuery" in target ? [target.query] : []));
}

function overlaps({ panels }: DashboardJson): unknown[] {
  const taken = new Set<string>();
  return panels.flatMap(({ gridPos }) => {
    const { x, y, w, h } = gridPos ?? { x: 24, y: 0, w: 1, h: 1 };
    const cells = Array.from({ length: w * h }, (_, index) => `${x + (index % w)}/${y + Math.floor(index / w)}`);
    const clash = x + w > 24 || cells.some((cell) => taken.has(cell));
    for (const cell of cells) taken.add(cell);
    return clash ? [gridPos] : [];
  });
}
