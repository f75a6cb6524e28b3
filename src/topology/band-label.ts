import { space } from "./spacing.ts";
import type { Tone } from "./svg-style.ts";
import type { DrawnNetwork } from "./topology.ts";
import { wrapText, type TextStyle } from "./wrap-text.ts";

/** One line of what stands at the left of a band. */
export interface LabelLine {
  readonly text: string;
  /** The classes of its style. */
  readonly kind: string;
}

const zoneNotes = {
  dmz: "firewall: drops by default",
  internal: "",
  management: "Proxmox VE itself",
} as const;

/** What is left of the gutter beside the way from the internet. */
const room = space.gutter - space.inset - 26;

/** Sets what stands at the left of a band: the network's name, VLAN and subnet. */
export function setBandLabel({ name, vlan, subnet, zone }: DrawnNetwork, tone: Tone): LabelLine[] {
  const lines: readonly (LabelLine & TextStyle)[] = [
    { text: name, size: 15, bold: true, kind: `title ${tone}-text` },
    { text: `VLAN ${vlan}`, size: 13, bold: true, kind: "strong ink" },
    { text: subnet, size: 13.5, mono: true, kind: "address ink" },
    { text: zoneNotes[zone], size: 13, kind: "muted" },
  ];
  return lines
    .filter(({ text }) => text !== "")
    .flatMap(({ text, kind, ...style }) => wrapText(text, room, style).map((part) => ({ text: part, kind })));
}
