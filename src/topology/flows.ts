import { laneStep, type BandLayout, type PlacedGuest } from "./layout-bands.ts";
import type { Layout } from "./layout.ts";
import { space } from "./spacing.ts";
import { renderElement, renderText, type Box } from "./svg-element.ts";
import type { Tone } from "./svg-style.ts";
import { estimateWidth } from "./wrap-text.ts";

interface Point {
  readonly x: number;
  readonly y: number;
}

/** How far below its top a card is entered and left: beside its title. */
const port = 20;
const headLength = 8;

/** Renders the ways from the internet to what is published, and from there to what is behind. */
export function renderAccessFlows({ internet, bands }: Layout): string[] {
  const places = new Map(bands.flatMap((band) => band.guests.map(({ guest, box }) => [guest.name, { box, band }])));
  return bands.flatMap((band) => {
    const published = band.guests.filter(({ guest }) => guest.published.length > 0);
    const sources = band.guests.filter(({ guest }) => guest.backends.length > 0);
    return [
      ...published.flatMap((placed) => (internet === undefined ? [] : renderInward(internet, band, placed))),
      ...sources.flatMap(({ guest, box }, index) => {
        const lane = band.outwardLane + index * laneStep;
        return [...new Set(guest.backends.map((backend) => backend.guest))].flatMap((name) => {
          const target = places.get(name);
          return target === undefined
            ? []
            : renderOutward(box, { lane, border: borderTo(target.band, band) }, target.box);
        });
      }),
    ];
  });
}

/** Where a way leaves a band on its way to another; undefined where it stays inside. */
function borderTo(target: BandLayout, { y, height, network }: BandLayout): number | undefined {
  if (target.network.name === network.name) return undefined;
  return target.y > y ? y + height : y;
}

/** Renders the ways of backups, from when they start on each node to each target. */
export function renderBackupFlows({ columns, panels, targets }: Layout): string[] {
  return targets.flatMap(({ storage, box, tone, nodes }) => {
    const sources = columns.filter(({ node }) => nodes.includes(node));
    return sources.flatMap(({ node, x, y, width, height }, rank) => {
      const pill = panels.find((panel) => panel.node.name === node)?.pills.find((entry) => entry.storage === storage);
      const from = { x: pill === undefined ? x + width / 2 : pill.box.x + pill.box.width / 2, y: y + height };
      return renderCurve(from, { x: box.x + (box.width * (rank + 1)) / (sources.length + 1), y: box.y }, tone);
    });
  });
}

function renderInward(internet: Box, band: BandLayout, { guest, box, first }: PlacedGuest): string[] {
  const start = { x: internet.x + internet.width - 12, y: internet.y + internet.height };
  const gate = renderGate({ x: start.x, y: band.y });
  const trunk = `M ${point(start)} V ${band.inwardLane}`;
  if (!first) {
    const end = { x: box.x, y: box.y + port };
    const d = `${trunk} H ${box.x - space.gap / 2} V ${end.y} H ${end.x - headLength}`;
    return [...renderWay(d, end, "right", "dmz", "published"), gate];
  }
  const end = { x: Math.round(box.x + box.width / 2), y: box.y };
  const d = `${trunk} H ${end.x} V ${end.y - headLength}`;
  return [...renderWay(d, end, "down", "dmz", "published"), gate, ...renderPorts(guest.published, box, end)];
}

/** Writes the ports beside the arrow where there is room; the card names them in any case. */
function renderPorts(ports: readonly string[], box: Box, end: Point): string[] {
  const text = ports.join(", ");
  if (estimateWidth(text, { size: 13, bold: true }) > box.width / 2 - 12) return [];
  return [renderText("text", { x: end.x + 9, y: end.y - 6, class: "strong dmz-text" }, text)];
}

function renderOutward(source: Box, { lane, border }: { lane: number; border: number | undefined }, target: Box) {
  const start = { x: source.x + source.width, y: source.y + port };
  const end = { x: target.x, y: target.y + port };
  const [out, into] = [start.x + space.gap / 2, target.x - space.gap / 2];
  const d = `M ${point(start)} H ${out} V ${lane} H ${into} V ${end.y} H ${end.x - headLength}`;
  const gates = border === undefined ? [] : [renderGate({ x: into, y: border })];
  return [...renderWay(d, end, "right", "dmz", "inward"), ...gates];
}

/** A hole in the DMZ's border. */
function renderGate({ x, y }: Point): string {
  return renderElement("circle", { cx: x, cy: y, r: 5, class: "gate dmz-line" });
}

function renderCurve(from: Point, to: Point, tone: Tone): string[] {
  const last = { x: to.x, y: to.y - headLength };
  const bend = (last.y - from.y) * 0.6;
  const d = `M ${point(from)} C ${point({ x: from.x, y: from.y + bend })} ${point({ x: to.x, y: last.y - bend })} ${point(last)}`;
  return renderWay(d, to, "down", tone, "backup");
}

function renderWay(d: string, end: Point, direction: "down" | "right", tone: Tone, kind: string): string[] {
  const half = headLength / 2 + 1;
  const head =
    direction === "down"
      ? `M ${point(end)} l ${-half} ${-headLength} h ${2 * half} z`
      : `M ${point(end)} l ${-headLength} ${-half} v ${2 * half} z`;
  return [
    renderElement("path", { d, class: `flow ${kind} ${tone}-line` }),
    renderElement("path", { d: head, class: `${tone}-solid` }),
  ];
}

function point({ x, y }: Point): string {
  return `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;
}
