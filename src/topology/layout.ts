import { layoutBands, type BandLayout } from "./layout-bands.ts";
import { layoutTabs, type TabLayout } from "./layout-tabs.ts";
import { layoutPanels, type PanelLayout } from "./layout-panels.ts";
import { layoutCardRow, type PlacedCard } from "./place-cards.ts";
import { targetCard } from "./cards.ts";
import { space } from "./spacing.ts";
import type { Box } from "./svg-element.ts";
import { targetTones, type Tone } from "./svg-style.ts";
import type { Topology } from "./topology.ts";

/** The column of one node, from its tab down to its pools. */
export interface ColumnLayout extends Box {
  readonly node: string;
}

/** A backup target and the colour of what flows to it. */
export interface TargetLayout extends PlacedCard {
  readonly storage: string;
  readonly tone: Tone;
  /** The nodes that send something. */
  readonly nodes: readonly string[];
}

/** Where everything is. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly columns: readonly ColumnLayout[];
  readonly tabs: readonly TabLayout[];
  /** What stands for the internet; only where something is published or let out. */
  readonly internet?: Box;
  readonly bands: readonly BandLayout[];
  readonly panels: readonly PanelLayout[];
  readonly targets: readonly TargetLayout[];
}

const internetHeight = 46;
const headerHeight = 84;
const flowHeight = 84;
const narrowestColumn = 230;

/** Decides where everything is: networks as bands from left to right, nodes as columns across them. */
export function layoutTopology(topology: Topology): Layout {
  const { nodes, targets } = topology;
  const count = Math.max(nodes.length, 1);
  const left = space.margin + space.gutter;
  const around = left + space.margin + space.inset + space.column * (count - 1);
  const width = Math.max(1200, around + narrowestColumn * count);
  // Whole numbers all the way down: they keep lines sharp and the file readable.
  const columnWidth = Math.floor((width - around) / count);
  const xs = nodes.map((_, index) => left + index * (columnWidth + space.column));
  const top = space.margin + headerHeight;
  const tabs = layoutTabs(nodes, { xs, columnWidth, top });
  const tabBottom = Math.max(top, ...tabs.map(({ y, height }) => y + height));
  const bands = layoutBands(topology, { xs, columnWidth, width, top: tabBottom + space.inset });
  const panelTop = Math.max(tabBottom, ...bands.map(({ y, height }) => y + height)) + space.inset;
  const panels = layoutPanels(nodes, { xs, columnWidth, top: panelTop });
  const bottom = Math.max(panelTop, ...panels.map(({ y, height }) => y + height));
  const cards = targets.map((target, index) => targetCard(target, toneOf(index)));
  const row = { x: left, y: bottom + flowHeight, width: width - left - space.margin - space.inset };
  const placed = layoutCardRow(cards, row);
  const end = Math.max(bottom, ...placed.map(({ box }) => box.y + box.height));
  return {
    width,
    height: end + 56,
    columns: nodes.map(({ name }, index) => ({
      node: name,
      x: xs[index] ?? left,
      y: top,
      width: columnWidth,
      height: bottom - top,
    })),
    tabs,
    ...(topology.guests.some(isOpen)
      ? { internet: { x: space.margin, y: top, width: space.gutter - space.inset, height: internetHeight } }
      : {}),
    bands,
    panels,
    targets: placed.map((target, index) => ({
      ...target,
      storage: targets[index]?.name ?? "",
      tone: toneOf(index),
      nodes: targets[index]?.jobs.flatMap((job) => job.nodes) ?? [],
    })),
  };
}

function toneOf(index: number): Tone {
  return targetTones[index % targetTones.length] ?? "green";
}

function isOpen({ published }: Topology["guests"][number]): boolean {
  return published.length > 0;
}
