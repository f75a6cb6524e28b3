import type { DashboardJson, PanelJson, RowJson, VariableJson } from "./dashboard-json.ts";
import type { UnplacedPanel } from "./panels.ts";
import { prometheusSource } from "./sources.ts";

const columns = 24;

/** Panels below a title. */
export interface RowArgs {
  readonly title: string;
  readonly panels: readonly UnplacedPanel[];
}

/** What a dashboard is made from. */
export interface DashboardArgs {
  /** In its address, and the name of its file; it never changes, as bookmarks point at it. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** How far it looks back: `now-24h`. */
  readonly from: string;
  readonly variables?: readonly VariableJson[];
  readonly rows: readonly RowArgs[];
}

/** Puts panels side by side and below each other, as long as there is room. */
export function layOut({ uid, title, description, from, variables = [], rows }: DashboardArgs): DashboardJson {
  const panels: (PanelJson | RowJson)[] = [];
  let top = 0;
  for (const row of rows) {
    panels.push({
      type: "row",
      id: panels.length + 1,
      title: row.title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y: top, w: columns, h: 1 },
    });
    let [x, y, lineHeight] = [0, top + 1, 0];
    for (const { width, height, panel } of row.panels) {
      if (x + width > columns) [x, y, lineHeight] = [0, y + lineHeight, 0];
      panels.push({ ...panel, id: panels.length + 1, gridPos: { x, y, w: width, h: height } });
      [x, lineHeight] = [x + width, Math.max(lineHeight, height)];
    }
    top = y + lineHeight;
  }
  return {
    uid,
    title,
    description,
    tags: ["homelab"],
    timezone: "browser",
    editable: false,
    graphTooltip: 1,
    time: { from, to: "now" },
    refresh: "1m",
    schemaVersion: 41,
    templating: { list: variables },
    annotations: { list: [] },
    links: [],
    panels,
  };
}

/** A choice among the values that a label has. */
export function labelVariable(name: string, label: string, metric: string, valueOf: string): VariableJson {
  const query = `label_values(${metric}, ${valueOf})`;
  return {
    type: "query",
    name,
    label,
    datasource: prometheusSource,
    definition: query,
    query: { qryType: 1, query, refId: name },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    current: { text: ["All"], value: ["$__all"] },
  };
}
