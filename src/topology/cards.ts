import type { Card, CardLine } from "./card.ts";
import type { DrawnNode, DrawnPool } from "./drawn-node.ts";
import type { DrawnTarget } from "./drawn-target.ts";
import type { Tone } from "./svg-style.ts";
import type { DrawnGuest } from "./topology.ts";

/** What the badges of guests say. */
export const guestBadges = {
  container: { text: "LXC", tone: "teal", beside: "first line" },
  machine: { text: "VM", tone: "violet", beside: "first line" },
  talos: { text: "TALOS", tone: "pink", beside: "first line" },
} as const;

/** The card of a guest, in its network's colour. */
export function guestCard(guest: DrawnGuest, tone: Tone): Card {
  const open = (text: string): CardLine => ({ text, style: "strong", tone: "dmz" });
  return {
    title: guest.name,
    tone,
    badge: guestBadges[guest.kind],
    tooltip: `${guest.name}, ${guest.address}. ${guest.description}`,
    lines: [
      { text: guest.address, style: "address" },
      ...(guest.role === undefined ? [] : [detail(guest.role)]),
      detail(guest.compute),
      detail(guest.disks),
      ...(guest.published.length === 0 ? [] : [open(`internet reaches ${guest.published.join(", ")}`)]),
      ...guest.backends.map((backend) => open(`may reach ${backend.guest}:${backend.port}`)),
      ...(guest.internet.length === 0 ? [] : [open(`may reach internet:${guest.internet.join(", ")}`)]),
    ],
  };
}

/** The card of a node's own address, on the network that it is in. */
export function nodeCard({ name, address }: DrawnNode, tone: Tone): Card {
  return {
    title: name,
    tone,
    badge: { text: "NODE", tone: "management", beside: "first line" },
    tooltip: `${name}, ${address}`,
    lines: [{ text: address, style: "address" }, detail("web interface, API, SSH")],
  };
}

const layouts = {
  mirror: { text: "MIRROR", tone: "green", beside: "title" },
  single: { text: "SINGLE DISK", tone: "amber", beside: "title" },
  striped: { text: "STRIPED", tone: "amber", beside: "title" },
} as const;

/** The card of a pool with its disks. */
export function poolCard(pool: DrawnPool): Card {
  const badge = layouts[pool.layout];
  return {
    title: pool.name,
    tone: badge.tone,
    badge,
    tooltip: `${pool.name}: ${pool.redundancy}`,
    lines: [
      ...pool.disks.map((text) => ({ text, style: "disk" as const })),
      ...(pool.storages.length === 0 ? [] : [detail(`storage ${pool.storages.join(", ")}`)]),
      { text: pool.redundancy, style: "detail", tone: badge.tone },
    ],
  };
}

/** The card of a storage that backups go to. */
export function targetCard({ name, type, location, place, jobs }: DrawnTarget, tone: Tone): Card {
  return {
    title: `${name} (${place})`,
    tone,
    badge: { text: type.toUpperCase(), tone, beside: "title" },
    tooltip: `${name}: ${location}`,
    lines: [
      { text: location, style: "address" },
      ...jobs.flatMap((job) => [
        { text: `${job.name}: keeps ${job.keeps}`, style: "strong" as const, tone },
        detail(`${job.starts.join(", ")}; ${job.speed}`),
      ]),
    ],
  };
}

function detail(text: string): CardLine {
  return { text, style: "detail" };
}
