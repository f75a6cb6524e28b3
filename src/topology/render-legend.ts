import { badgeWidth, renderBadge } from "./card.ts";
import { guestBadges } from "./cards.ts";
import { renderElement, renderText } from "./svg-element.ts";
import { space } from "./spacing.ts";
import { estimateWidth } from "./wrap-text.ts";

const badges = [
  [guestBadges.container, "container"],
  [guestBadges.machine, "virtual machine"],
  [guestBadges.talos, "Kubernetes node"],
] as const;

const lines = [
  ["published", "from the internet"],
  ["inward", "let through the firewall"],
] as const;

/** Renders what badges and lines mean, in the upper right corner. */
export function renderLegend(right: number): string[] {
  return [...renderBadges(right, space.margin + 22), ...renderLines(right, space.margin + 48)];
}

function renderBadges(right: number, y: number): string[] {
  let x = right;
  return badges.toReversed().flatMap(([badge, text]) => {
    const label = x - estimateWidth(text, { size: 13 });
    x = label - 6 - badgeWidth(badge.text) - 18;
    return [...renderBadge(badge, { right: label - 6, y }), renderText("text", { x: label, y, class: "muted" }, text)];
  });
}

function renderLines(right: number, y: number): string[] {
  let x = right;
  return lines.toReversed().flatMap(([kind, text]) => {
    const label = x - estimateWidth(text, { size: 13 });
    x = label - 6 - 34 - 18;
    return [
      renderElement("path", { d: `M ${Math.round(label - 40)} ${y - 4} h 34`, class: `flow ${kind} dmz-line` }),
      renderText("text", { x: label, y, class: "muted" }, text),
    ];
  });
}
