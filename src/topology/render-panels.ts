import { renderCard } from "./card.ts";
import type { PanelLayout, PlacedPill } from "./layout-panels.ts";
import { renderElement, renderRect, renderText } from "./svg-element.ts";
import type { Tone } from "./svg-style.ts";

/** Renders what a node is made of, and when its backups start, in the colours of where they go. */
export function renderPanel(panel: PanelLayout, toneOf: (storage: string) => Tone): string {
  const { texts, pools, pills, x, y, width, height } = panel;
  return renderElement("g", {}, [
    renderRect({ x, y, width, height }, { rx: 10, class: "panel" }),
    ...texts.map(({ text, kind, ...at }) => renderText("text", { ...at, class: kind }, text)),
    ...renderMeter(panel),
    ...pools.map(({ card, box }) => renderCard(card, box)),
    ...pills.flatMap((pill) => renderPill(pill, toneOf(pill.storage))),
  ]);
}

function renderMeter({ node, meter }: PanelLayout): string[] {
  const used = Math.min(1, node.guestMemoryMib / node.memoryMib);
  const cache = Math.min(1 - used, node.arcLimitMib / node.memoryMib);
  const part = (from: number, share: number) => ({
    ...meter,
    x: meter.x + meter.width * from,
    width: meter.width * share,
  });
  return [
    renderRect(meter, { class: "meter track" }),
    renderRect(part(0, used), { class: "meter blue-solid" }),
    renderRect(part(used, cache), { class: "meter teal-solid" }),
  ];
}

function renderPill({ text, squeezed, box }: PlacedPill, tone: Tone): string[] {
  const { x, y, width, height } = box;
  const narrow = squeezed ? { textLength: width - 14, lengthAdjust: "spacingAndGlyphs" } : {};
  return [
    renderRect(box, { rx: height / 2, class: `pill ${tone}-fill ${tone}-line` }),
    renderText(
      "text",
      { x: x + width / 2, y: y + 14, "text-anchor": "middle", class: `badge ${tone}-text`, ...narrow },
      text,
    ),
  ];
}
