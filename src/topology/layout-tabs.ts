import type { DrawnNode } from "./drawn-node.ts";
import type { Box } from "./svg-element.ts";
import { space } from "./spacing.ts";
import { wrapText } from "./wrap-text.ts";

/** The head of a node's column, with its name. */
export interface TabLayout extends Box {
  readonly names: readonly string[];
  readonly subtitles: readonly string[];
}

const padding = 9;

/** The heights of a line of the name and of one below. */
export const tabLines = { name: 23, subtitle: 19 } as const;

/** Decides how high the heads of columns are: alike, whatever the names' length. */
export function layoutTabs(
  nodes: readonly DrawnNode[],
  { xs, columnWidth, top }: { xs: readonly number[]; columnWidth: number; top: number },
): TabLayout[] {
  const room = columnWidth - 2 * space.inset;
  const texts = nodes.map(({ name, model, address }) => ({
    names: wrapText(name, room, { size: 18, bold: true }),
    subtitles: wrapText(`${model} · ${address}`, room, { size: 13 }),
  }));
  const heights = texts.map(
    ({ names, subtitles }) => names.length * tabLines.name + subtitles.length * tabLines.subtitle,
  );
  const height = Math.max(0, ...heights) + 2 * padding;
  return texts.map((text, index) => ({ ...text, x: xs[index] ?? 0, y: top, width: columnWidth, height }));
}
