import { describeHomelab, summarizeHomelab } from "./describe-homelab.ts";
import type { Layout } from "./layout.ts";
import { tabLines } from "./layout-tabs.ts";
import { renderLegend } from "./render-legend.ts";
import { space } from "./spacing.ts";
import { renderElement, renderRect, renderText } from "./svg-element.ts";
import type { Topology } from "./topology.ts";

/** Renders what a reader hears who does not see the picture. */
export function renderDescription(topology: Topology): string[] {
  return [
    renderText("title", { id: "title" }, "The homelab"),
    renderText("desc", { id: "desc" }, describeHomelab(topology)),
  ];
}

/** Renders heading, legend and where the picture comes from. */
export function renderHeader(topology: Topology, { width, height }: Layout): string[] {
  const { margin } = space;
  const source = "Drawn from config/homelab by npm run topology";
  return [
    renderText("text", { x: margin, y: margin + 24, class: "heading ink" }, "The homelab"),
    renderText("text", { x: margin, y: margin + 48, class: "muted" }, summarizeHomelab(topology)),
    ...renderLegend(width - margin),
    renderText("text", { x: width - margin, y: height - 18, "text-anchor": "end", class: "muted" }, source),
  ];
}

/** Renders the frames of nodes, with their names at the top. */
export function renderColumns({ columns, tabs }: Layout): string[] {
  return [
    ...tabs.flatMap(({ x, y, width, height, names, subtitles }) => {
      // Its upper corners are round, as the column's are.
      const d = `M 0 ${height} V 10 A 10 10 0 0 1 10 0 H ${width - 10} A 10 10 0 0 1 ${width} 10 V ${height} z`;
      const start = y + 4 + names.length * tabLines.name;
      return [
        renderElement("path", { d, transform: `translate(${x} ${y})`, class: "tab" }),
        ...names.map((text, row) =>
          renderText("text", { x: x + space.inset, y: y + 27 + row * tabLines.name, class: "name on-dark" }, text),
        ),
        ...subtitles.map((text, row) =>
          renderText(
            "text",
            { x: x + space.inset, y: start + 20 + row * tabLines.subtitle, class: "on-dark-muted" },
            text,
          ),
        ),
      ];
    }),
    ...columns.map((column) => renderRect(column, { rx: 10, "data-node": column.node, class: "node" })),
  ];
}

/** Renders what stands for the internet. */
export function renderInternet({ internet }: Layout): string[] {
  if (internet === undefined) return [];
  const { x, y, height } = internet;
  const [cx, cy] = [x + 24, y + height / 2];
  const globe = `M ${cx - 10} ${cy} h 20 M ${cx} ${cy - 10} a 5 10 0 0 0 0 20 a 5 10 0 0 0 0 -20`;
  return [
    renderRect(internet, { rx: 10, class: "card dmz-line" }),
    renderElement("circle", { cx, cy, r: 10, class: "flow thin dmz-line" }),
    renderElement("path", { d: globe, class: "flow thin dmz-line" }),
    renderText("text", { x: x + 44, y: cy + 5, class: "title dmz-text" }, "Internet"),
  ];
}
