import type { DrawnNode } from "./drawn-node.ts";
import { renderCount, renderGib } from "./size-text.ts";
import { estimateWidth, wrapText } from "./wrap-text.ts";

/** One line of what stands about a node's hardware. */
export interface PanelLine {
  readonly text: string;
  /** The classes of its style. */
  readonly kind: string;
  readonly row: number;
  /** How far right of the others it begins. */
  readonly indent: number;
}

/** How much further apart paragraphs are than lines. */
const paragraph = 0.4;

/** Sets what stands about a node's processor, bridges and memory. */
export function setPanelText(node: DrawnNode, width: number): PanelLine[] {
  const { cpuModel, cpu, guestCores, memoryMib, guestMemoryMib, arcLimitMib, bridges } = node;
  const set = (text: string, kind: string) =>
    wrapText(text, width, { size: 13, bold: kind.startsWith("strong") }).map((line) => ({ text: line, kind }));
  const above = [
    ...set(cpuModel, "strong ink"),
    ...set(`${cpu}; guests have ${renderCount(guestCores, "virtual core")}`, "muted"),
    ...bridges.flatMap((bridge) => set(bridge, "muted")),
  ];
  const memory = set(`${renderGib(memoryMib)} GiB of memory`, "strong ink");
  const given = [
    ...set(`guests ${renderGib(guestMemoryMib)} GiB`, "blue-text"),
    ...set(`ZFS cache up to ${renderGib(arcLimitMib)} GiB`, "teal-text"),
  ];
  const beside = given.every(({ text }) => estimateWidth(text, { size: 13 }) <= width / 2 - 8);
  return [
    ...above.map((line, row) => ({ ...line, row, indent: 0 })),
    ...memory.map((line, index) => ({ ...line, row: above.length + paragraph + index, indent: 0 })),
    ...given.map((line, index) => ({
      ...line,
      row: above.length + paragraph + memory.length + (beside ? 0 : index),
      indent: beside ? (index * width) / 2 : 0,
    })),
  ];
}
