import { setBandLabel, type LabelLine } from "./band-label.ts";
import type { Card } from "./card.ts";
import { guestCard, nodeCard } from "./cards.ts";
import { space } from "./spacing.ts";
import { bottomOf, layoutCardGrid, type PlacedCard } from "./place-cards.ts";
import type { Box } from "./svg-element.ts";
import { networkTones, type Tone } from "./svg-style.ts";
import type { DrawnGuest, DrawnNetwork, Topology } from "./topology.ts";

/** A card of a guest, and which. */
export interface PlacedGuest extends PlacedCard {
  readonly guest: DrawnGuest;
  /** Whether nothing is between it and the top of its band. */
  readonly first: boolean;
}

/** The band of one network. */
export interface BandLayout extends Box {
  readonly network: DrawnNetwork;
  readonly tone: Tone;
  readonly labels: readonly LabelLine[];
  readonly nodes: readonly PlacedCard[];
  readonly guests: readonly PlacedGuest[];
  /** Where what comes from the internet runs. */
  readonly inwardLane: number;
  /** Where the ways to backends begin, one below the other. */
  readonly outwardLane: number;
}

/** The columns that bands cross. */
interface Columns {
  readonly xs: readonly number[];
  readonly columnWidth: number;
  readonly width: number;
  readonly top: number;
}

const bandGap = 10;
const laneHeight = 22;

/** The height of a line at the left of a band. */
export const labelLine = 18;

/** The distance between two ways in the same lane. */
export const laneStep = 7;

/** Decides where bands and their guests are. */
export function layoutBands(topology: Topology, columns: Columns): BandLayout[] {
  const bands: BandLayout[] = [];
  let y = columns.top;
  let plain = 0;
  for (const network of topology.networks) {
    const tone = network.zone === "internal" ? toneOf(plain++) : network.zone;
    const band = layoutBand(network, tone, topology, { ...columns, top: y });
    bands.push(band);
    y += band.height + bandGap;
  }
  return bands;
}

function layoutBand(network: DrawnNetwork, tone: Tone, topology: Topology, columns: Columns): BandLayout {
  const { xs, columnWidth, width, top } = columns;
  const own = topology.guests.filter((guest) => guest.network === network.name);
  const published = own.some((guest) => guest.published.length > 0);
  const sources = own.filter(({ backends }) => backends.length > 0).length;
  const cardTop = top + space.inset + (published ? laneHeight : 0);
  const placed = topology.nodes.map((node, index) => {
    const ownNode = network.nodes.includes(node.name) ? [nodeCard(node, tone)] : [];
    const guests = own.filter((guest) => guest.node === node.name);
    const cards: Card[] = [...ownNode, ...guests.map((guest) => guestCard(guest, tone))];
    const at = { x: (xs[index] ?? 0) + space.inset, y: cardTop, width: columnWidth - 2 * space.inset };
    const grid = layoutCardGrid(cards, at);
    return { nodes: grid.slice(0, ownNode.length), guests: withGuests(grid.slice(ownNode.length), guests, cardTop) };
  });
  const labels = setBandLabel(network, tone);
  const guests = placed.flatMap((cell) => cell.guests);
  const nodes = placed.flatMap((cell) => cell.nodes);
  const cardBottom = bottomOf([...guests, ...nodes], top + space.inset + labels.length * labelLine);
  return {
    network,
    tone,
    labels,
    nodes,
    guests,
    x: space.margin,
    y: top,
    width: width - 2 * space.margin,
    height: cardBottom + space.inset + (sources > 0 ? sources * laneStep + laneStep : 0) - top,
    inwardLane: top + space.inset + 3,
    outwardLane: cardBottom + space.inset,
  };
}

function withGuests(placed: readonly PlacedCard[], guests: readonly DrawnGuest[], top: number): PlacedGuest[] {
  return placed.flatMap((entry, index) => {
    const guest = guests[index];
    return guest === undefined ? [] : [{ ...entry, guest, first: entry.box.y === top }];
  });
}

function toneOf(index: number): Tone {
  return networkTones[index % networkTones.length] ?? "blue";
}
