import { labelLine, type BandLayout } from "./layout-bands.ts";
import { space } from "./spacing.ts";
import { renderElement, renderRect, renderText } from "./svg-element.ts";

/** Renders the band of a network with its name, VLAN and subnet; a DMZ has a border. */
export function renderBand(band: BandLayout): string[] {
  const { network, tone, labels, x, y, width, height } = band;
  return [
    renderRect({ x, y, width, height }, { rx: 10, "data-network": network.name, class: `band ${tone}-fill` }),
    ...(network.zone === "dmz"
      ? [
          renderElement("path", {
            d: `M ${x + 10} ${y} H ${x + width - 10} a 10 10 0 0 1 10 10 V ${y + height - 10} a 10 10 0 0 1 -10 10 H ${x + 10} a 10 10 0 0 1 -10 -10 V ${y + 10} a 10 10 0 0 1 10 -10 z`,
            class: `border ${tone}-line`,
          }),
        ]
      : [renderElement("path", { d: `M ${x + 2} ${y + 10} V ${y + height - 10}`, class: `edge ${tone}-line` })]),
    ...labels.map(({ text, kind }, row) =>
      renderText("text", { x: x + space.inset, y: y + 25 + row * labelLine, class: kind }, text),
    ),
  ];
}
