import { isIPv4 } from "node:net";
import { z } from "zod";

const quote = (value: unknown) => (value === undefined ? "The value" : JSON.stringify(value));

const bytesPerUnit = { MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;

/** A name that is a DNS label too: what Proxmox takes as a hostname. */
export const Hostname = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, {
  error: ({ input }) =>
    `${quote(input)} is not a hostname. | Use up to 63 lower-case letters, digits and inner hyphens.`,
});

/** The number of a guest, 100 to 999999999 (https://pve.proxmox.com/pve-docs/chapter-qm.html). */
export const Vmid = z
  .int({ error: ({ input }) => `${quote(input)} is not a VMID. | Write a whole number from 100 to 999999999.` })
  .min(100, {
    error: ({ input }) =>
      `${quote(input)} is too low: Proxmox keeps the VMIDs below 100 for itself. | Choose one from 100 to 999999999.`,
  })
  .max(999_999_999, {
    error: ({ input }) => `${quote(input)} is above the highest VMID. | Choose one from 100 to 999999999.`,
  });

/** An IPv4 address without a prefix length. */
export const Ipv4Address = z.string().refine(isIPv4, {
  error: ({ input }) =>
    `${quote(input)} is not an IPv4 address. | Write four numbers from 0 to 255 with dots, such as 10.20.0.10.`,
});

/** An IPv4 network with its prefix length, its host bits zero. */
export const Ipv4Network = z.string().refine((text) => parseIpv4Network(text) !== undefined, {
  error: ({ input }) =>
    `${quote(input)} is not an IPv4 network. | Write its first address and the prefix length, such as 10.20.0.0/24.`,
});

/** A size with its unit, kept in bytes: `512 MiB`, `8 GiB`. */
export const Size = z.string({ error: ({ input }) => sizeError(input) }).transform((text, context) => {
  const match = /^(\d+) ?(MiB|GiB|TiB)$/.exec(text);
  const bytes = Number(match?.[1]) * bytesPerUnit[match?.[2] as keyof typeof bytesPerUnit];
  if (bytes > 0) return bytes;
  context.addIssue({ code: "custom", message: sizeError(text), input: text });
  return z.NEVER;
});

/** A VLAN tag, 1 to 4094. */
export const VlanTag = z
  .int({ error: ({ input }) => `${quote(input)} is not a VLAN tag. | Write a whole number from 1 to 4094.` })
  .min(1, { error: ({ input }) => `${quote(input)} is not a VLAN tag. | Write a whole number from 1 to 4094.` })
  .max(4094, { error: ({ input }) => `${quote(input)} is not a VLAN tag. | Write a whole number from 1 to 4094.` });

/** A tag as Proxmox shows it on a guest: lower case, so that what comes back equals what was sent. */
export const Tag = z.string().regex(/^[a-z0-9_][a-z0-9_+.-]*$/, {
  error: ({ input }) => `${quote(input)} is not a tag. | Use lower-case letters, digits and _ + . - after the first.`,
});

/** First and last address and prefix length of an IPv4 network, as numbers. */
export interface Ipv4Range {
  readonly first: number;
  readonly last: number;
  readonly prefix: number;
}

/** Reads `10.20.0.0/24`; undefined where it is no network or has host bits set. */
export function parseIpv4Network(text: string): Ipv4Range | undefined {
  const match = /^([0-9.]+)\/(\d{1,2})$/.exec(text);
  const [address, prefix] = [match?.[1] ?? "", Number(match?.[2])];
  if (!isIPv4(address) || prefix > 32) return undefined;
  const first = parseIpv4(address);
  const size = 2 ** (32 - prefix);
  return first % size === 0 ? { first, last: first + size - 1, prefix } : undefined;
}

/** Reads the dotted form of an address that is known to be one. */
export function parseIpv4(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

function sizeError(input: unknown): string {
  return `${quote(input)} is not a size. | Write a whole number and MiB, GiB or TiB, such as 512 MiB or 8 GiB.`;
}
