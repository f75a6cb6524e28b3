import { badgeWidth } from "./card.ts";
import { poolCard } from "./cards.ts";
import type { DrawnNode, DrawnSchedule } from "./drawn-node.ts";
import { space } from "./spacing.ts";
import { bottomOf, layoutCardGrid, type PlacedCard } from "./place-cards.ts";
import type { Box } from "./svg-element.ts";
import { setPanelText } from "./panel-text.ts";

/** A line of text and where it begins. */
export interface PlacedText {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly kind: string;
}

/** A pill that says when a backup starts. */
export interface PlacedPill {
  readonly storage: string;
  readonly text: string;
  /** Longer than the column: the pill stays inside, and its text is set narrower. */
  readonly squeezed: boolean;
  readonly box: Box;
}

/** What a node is made of, below its guests. */
export interface PanelLayout extends Box {
  readonly node: DrawnNode;
  readonly texts: readonly PlacedText[];
  /** How the memory is given away. */
  readonly meter: Box;
  readonly pools: readonly PlacedCard[];
  readonly pills: readonly PlacedPill[];
}

const lineHeight = 19;
const meterHeight = 10;
const pillHeight = 20;

/** Decides where the nodes' hardware is drawn; what is alike stands beside each other. */
export function layoutPanels(
  nodes: readonly DrawnNode[],
  { xs, columnWidth, top }: { xs: readonly number[]; columnWidth: number; top: number },
): PanelLayout[] {
  const width = columnWidth - 2 * space.inset;
  const texts = nodes.map((node) => setPanelText(node, width));
  const meterTop = top + space.inset + Math.ceil(lineHeight * Math.max(0, ...texts.flat().map(({ row }) => row + 1)));
  const poolTop = meterTop + meterHeight + space.inset;
  const grids = nodes.map((node, index) =>
    layoutCardGrid(node.pools.map(poolCard), { x: (xs[index] ?? 0) + space.inset, y: poolTop, width }),
  );
  const pillTop = bottomOf(grids.flat(), poolTop) + space.inset;
  const pills = nodes.map((node, index) =>
    layoutPills(node.schedules, { x: (xs[index] ?? 0) + space.inset, y: pillTop, width }),
  );
  const bottom = Math.max(pillTop, ...pills.flat().map(({ box }) => box.y + box.height)) + space.inset;
  return nodes.map((node, index) => {
    const x = xs[index] ?? 0;
    return {
      node,
      x,
      y: top,
      width: columnWidth,
      height: bottom - top,
      texts: (texts[index] ?? []).map(({ text, kind, row, indent }) => ({
        text,
        kind,
        x: x + space.inset + indent,
        y: top + space.inset + row * lineHeight + 10,
      })),
      meter: { x: x + space.inset, y: meterTop, width, height: meterHeight },
      pools: grids[index] ?? [],
      pills: pills[index] ?? [],
    };
  });
}

function layoutPills(
  schedules: readonly DrawnSchedule[],
  { x, y, width }: { x: number; y: number; width: number },
): PlacedPill[] {
  const pills: PlacedPill[] = [];
  let at = { x, y };
  for (const schedule of schedules) {
    const text = `${schedule.job} ${schedule.time}`;
    const wanted = badgeWidth(text) + 8;
    const own = Math.min(wanted, width);
    if (at.x > x && at.x + own > x + width) at = { x, y: at.y + pillHeight + 6 };
    pills.push({
      storage: schedule.storage,
      text,
      squeezed: wanted > width,
      box: { ...at, width: own, height: pillHeight },
    });
    at = { ...at, x: at.x + own + 8 };
  }
  return pills;
}
