import type { HomelabPlan } from "../plan/plan.ts";
import { renderCard } from "./card.ts";
import { renderAccessFlows, renderBackupFlows } from "./flows.ts";
import { layoutTopology, type Layout } from "./layout.ts";
import { renderBand } from "./render-bands.ts";
import { renderColumns, renderDescription, renderHeader, renderInternet } from "./render-frame.ts";
import { renderPanel } from "./render-panels.ts";
import { space } from "./spacing.ts";
import { renderElement, renderRect, renderText } from "./svg-element.ts";
import { renderStyle, type Tone } from "./svg-style.ts";
import { describeTopology } from "./topology.ts";

/** Draws the homelab: networks as bands, nodes as columns across them, guests where both meet. */
export function renderTopologySvg(plan: HomelabPlan): string {
  const topology = describeTopology(plan);
  const layout = layoutTopology(topology);
  const { width, height, bands, panels, targets } = layout;
  const frame = {
    xmlns: "http://www.w3.org/2000/svg",
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    role: "img",
    "aria-labelledby": "title desc",
  };
  const toneOf = (storage: string): Tone => targets.find((target) => target.storage === storage)?.tone ?? "management";
  const svg = renderElement("svg", frame, [
    ...renderDescription(topology),
    renderElement("style", {}, [renderStyle()]),
    renderRect({ x: 0, y: 0, width, height }, { rx: 12, class: "ground" }),
    ...renderHeader(topology, layout),
    ...bands.flatMap(renderBand),
    ...panels.map((panel) => renderPanel(panel, toneOf)),
    ...renderColumns(layout),
    ...renderInternet(layout),
    ...renderBackupFlows(layout),
    ...renderAccessFlows(layout),
    ...bands.flatMap(({ guests, nodes }) => [...nodes, ...guests]).map(({ card, box }) => renderCard(card, box)),
    ...renderTargets(layout),
  ]);
  return `${svg}\n`;
}

function renderTargets({ targets }: Layout): string[] {
  const [first] = targets;
  if (first === undefined) return [];
  const { y } = first.box;
  return [
    renderText("text", { x: space.margin + space.inset, y: y + 24, class: "title ink" }, "Backups"),
    ...targets.map(({ card, box }) => renderCard(card, box)),
  ];
}
