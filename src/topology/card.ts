import { renderElement, renderRect, renderText, type Box } from "./svg-element.ts";
import type { Tone } from "./svg-style.ts";
import { estimateWidth, wrapText, type TextStyle } from "./wrap-text.ts";

/** One line of a card, before it is broken to its width. */
export interface CardLine {
  readonly text: string;
  readonly style: "address" | "detail" | "disk" | "strong";
  /** The colour of the text; ink or grey where there is none. */
  readonly tone?: Tone;
}

/** A box of text with a coloured edge, and a badge that says what it stands for. */
export interface Card {
  readonly title: string;
  readonly tone: Tone;
  /** It ends the title or the first line below, whichever has room for it in most cards of the kind. */
  readonly badge: { readonly text: string; readonly tone: Tone; readonly beside: "first line" | "title" };
  /** What a pointer over the card shows, where there are pointers. */
  readonly tooltip: string;
  readonly lines: readonly CardLine[];
}

const padding = { left: 15, right: 10, top: 9, bottom: 10 };
const badgeGap = 6;
const lineHeight = 18;
const titleStyle: TextStyle = { size: 15, bold: true };
const lineStyles: Readonly<Record<CardLine["style"], TextStyle>> = {
  address: { size: 13.5, mono: true },
  detail: { size: 13 },
  disk: { size: 13 },
  strong: { size: 13, bold: true },
};
const diskIcon = 20;

interface SetLine extends CardLine {
  readonly icon: boolean;
}

/** How high a card is when it is so wide. */
export function measureCard(card: Card, width: number): number {
  const { titles, lines } = setCard(card, width);
  return padding.top + (titles.length + lines.length) * lineHeight + padding.bottom;
}

/** Renders a card into its box. */
export function renderCard(card: Card, box: Box): string {
  const { titles, lines, badgeRow } = setCard(card, box.width);
  const x = box.x + padding.left;
  const yOf = (row: number) => box.y + padding.top + row * lineHeight + 13;
  const { x: left, y, height } = box;
  return renderElement("g", {}, [
    renderText("title", {}, card.tooltip),
    renderRect(box, { rx: 7, class: "card" }),
    // Rounded on the left only, as the card is.
    renderElement("path", {
      d: `M ${left + 6} ${y} a 6 6 0 0 0 -6 6 v ${height - 12} a 6 6 0 0 0 6 6 z`,
      class: `${card.tone}-solid`,
    }),
    ...titles.map((text, row) => renderText("text", { x, y: yOf(row), class: "title ink" }, text)),
    ...renderBadge(card.badge, { right: box.x + box.width - padding.right, y: yOf(badgeRow) }),
    ...lines.flatMap((line, index) => renderLine(line, x, yOf(titles.length + index))),
  ]);
}

/** How wide the pill of a badge is. */
export function badgeWidth(text: string): number {
  return estimateWidth(text, { size: 11, bold: true }) + 12;
}

/** Renders a pill that ends at a point, on a line of text. */
export function renderBadge({ text, tone }: Omit<Card["badge"], "beside">, at: { right: number; y: number }): string[] {
  const width = badgeWidth(text);
  const x = at.right - width;
  return [
    renderRect({ x, y: at.y - 12.5, width, height: 17 }, { rx: 8.5, class: `pill ${tone}-solid` }),
    renderText("text", { x: x + width / 2, y: at.y, "text-anchor": "middle", class: "badge badge-text" }, text),
  ];
}

/** A card with its texts broken to its width. */
interface SetCard {
  readonly titles: readonly string[];
  readonly lines: readonly SetLine[];
  readonly badgeRow: number;
}

function setCard(card: Card, width: number): SetCard {
  const room = width - padding.left - padding.right;
  const titles = wrapText(card.title, room, titleStyle);
  const lines = card.lines.flatMap((line) => setLine(line, room));
  const row = card.badge.beside === "title" ? titles.length - 1 : titles.length;
  const [first] = lines;
  const taken =
    card.badge.beside === "title" || first === undefined
      ? estimateWidth(titles.at(-1) ?? "", titleStyle)
      : estimateWidth(first.text, lineStyles[first.style]);
  if (taken + badgeGap + badgeWidth(card.badge.text) <= room) return { titles, lines, badgeRow: row };
  return { titles: [...titles, ""], lines, badgeRow: titles.length };
}

function setLine(line: CardLine, room: number): SetLine[] {
  const indent = line.style === "disk" ? diskIcon : 0;
  return wrapText(line.text, room - indent, lineStyles[line.style]).map((text, index) => ({
    ...line,
    text,
    icon: line.style === "disk" && index === 0,
  }));
}

function renderLine({ text, style, tone, icon }: SetLine, x: number, y: number): string[] {
  const kind = { address: "address", detail: "", disk: "", strong: "strong" }[style];
  const colour = tone === undefined ? (style === "detail" ? "muted" : "ink") : `${tone}-text`;
  const indent = style === "disk" ? diskIcon : 0;
  return [
    ...(icon ? renderDiskIcon(x, y) : []),
    renderText("text", { x: x + indent, y, class: `${kind} ${colour}`.trim() }, text),
  ];
}

function renderDiskIcon(x: number, y: number): string[] {
  return [
    renderElement("path", { d: `M ${x} ${y - 9} h 14 v 10 h -14 z`, class: "flow edge-line" }),
    renderElement("circle", { cx: x + 11, cy: y - 4, r: 1.5, class: "muted" }),
  ];
}
