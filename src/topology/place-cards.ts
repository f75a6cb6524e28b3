import { measureCard, type Card } from "./card.ts";
import { space } from "./spacing.ts";
import type { Box } from "./svg-element.ts";

/** A card and where it is. */
export interface PlacedCard {
  readonly card: Card;
  readonly box: Box;
}

const narrowestCard = 200;

/** Places cards in rows as wide as a column, as many beside each other as are still readable. */
export function layoutCardGrid(cards: readonly Card[], at: { x: number; y: number; width: number }): PlacedCard[] {
  const perRow = Math.max(1, Math.floor((at.width + space.gap) / (narrowestCard + space.gap)));
  const rows = Array.from({ length: Math.ceil(cards.length / perRow) }, (_, row) =>
    cards.slice(row * perRow, (row + 1) * perRow),
  );
  const placed: PlacedCard[] = [];
  let { y } = at;
  for (const row of rows) {
    // A last row with fewer cards keeps their width, so that the gaps below each other stay free.
    const own = layoutCardRow(row, { ...at, y, slots: perRow });
    placed.push(...own);
    y += (own[0]?.box.height ?? 0) + space.row;
  }
  return placed;
}

/** Places cards beside each other, all as high as the highest. */
export function layoutCardRow(
  cards: readonly Card[],
  { x, y, width, slots = cards.length }: { x: number; y: number; width: number; slots?: number },
): PlacedCard[] {
  const own = Math.floor((width - space.gap * (slots - 1)) / slots);
  const height = Math.max(0, ...cards.map((card) => measureCard(card, own)));
  return cards.map((card, index) => ({ card, box: { x: x + index * (own + space.gap), y, width: own, height } }));
}

/** Where the lowest of the cards ends. */
export function bottomOf(placed: readonly PlacedCard[], top: number): number {
  return Math.max(top, ...placed.map(({ box }) => box.y + box.height));
}
