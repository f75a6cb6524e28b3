import { z } from "zod";
import { parseIpv4Network } from "./ipv4.ts";
import { showValue } from "./show-value.ts";

const units: Readonly<Record<string, number>> = {
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
  s: 1,
  min: 60,
  h: 3600,
  d: 86_400,
};

/** Multiplies a number by its unit; how fast something goes is meant per second. */
const parseAmount = (text: string) =>
  Number.parseInt(text, 10) * (units[text.replace(/^\d+ ?|\/s$/g, "")] ?? Number.NaN);

const tooMuch = { error: "This is more than can be counted. | Write a smaller number." };

/** Whether a name means nothing to JavaScript, for which each object has a `constructor`, and some more. */
const isFree = (name: string) => !(name in {});
const taken = {
  error: ({ input }: { input?: unknown }) =>
    `${showValue(input)} cannot be a name: each object of JavaScript has something by it. | Choose another.`,
};

/** A name that is a DNS label too. */
export const Hostname = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, {
    error: ({ input }) =>
      `${showValue(input)} is not a hostname. | Use up to 63 lower-case letters, digits and inner hyphens.`,
  })
  .refine(isFree, taken);

const label = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/** The name of a node in its cluster, in the case that it has there. */
export const NodeName = z
  .string()
  .regex(label, {
    error: ({ input }) =>
      `${showValue(input)} is not the name of a node. | Write it as pvecm nodes prints it: up to 63 letters, digits and inner hyphens.`,
  })
  .refine(isFree, taken);

/** The name of a guest: its hostname, in any case, and in lower case a label of DNS. */
export const GuestName = z
  .string()
  .regex(label, {
    error: ({ input }) =>
      typeof input === "string" && input.includes(".")
        ? `${showValue(input)} has a dot. Proxmox VE takes that, but here the name becomes one label below services.domain. | Use the part before the dot; a guest that is there is renamed by pct set VMID --hostname NAME or qm set VMID --name NAME.`
        : `${showValue(input)} is not the name of a guest. | Use up to 63 letters, digits and inner hyphens.`,
  })
  .refine(isFree, taken);

/** The number of a guest, 100 to 999999999 (https://pve.proxmox.com/pve-docs/chapter-qm.html). */
export const Vmid = z
  .int({ error: ({ input }) => `${showValue(input)} is not a VMID. | Write a whole number from 100 to 999999999.` })
  .min(100, {
    error: ({ input }) =>
      `${showValue(input)} is too low: Proxmox keeps the VMIDs below 100 for itself. | Choose one from 100 to 999999999.`,
  })
  .max(999_999_999, {
    error: ({ input }) => `${showValue(input)} is above the highest VMID. | Choose one from 100 to 999999999.`,
  });

const octet = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";

/** An IPv4 address without a prefix length. */
export const Ipv4Address = z.string().regex(new RegExp(`^${octet}(?:\\.${octet}){3}$`), {
  error: ({ input }) =>
    `${showValue(input)} is not an IPv4 address. | Write four numbers from 0 to 255 with dots, such as 10.20.0.10.`,
});

/** An IPv4 network with its prefix length, its host bits zero. */
export const Ipv4Network = z.string().refine((text) => parseIpv4Network(text) !== undefined, {
  error: ({ input }) =>
    `${showValue(input)} is not an IPv4 network. | Write its first address and the prefix length, such as 10.20.0.0/24.`,
});

/** A size with its unit, kept in bytes: `512 MiB`, `8 GiB`. */
export const Size = z
  .string({ error: ({ input }) => sizeError(input) })
  .regex(/^[1-9]\d* ?(?:MiB|GiB|TiB)$/, { error: ({ input }) => sizeError(input) })
  .transform(parseAmount)
  .refine(Number.isSafeInteger, tooMuch);

/** The size of a disk as it is sold, kept in bytes: `500 GB`, `1.92 TB`. */
export const DiskSize = z
  .string({ error: ({ input }) => diskSizeError(input) })
  .regex(/^[1-9]\d*(?:\.\d+)? ?(?:GB|TB)$/, { error: ({ input }) => diskSizeError(input) })
  .transform((text) => Math.round(Number.parseFloat(text) * (text.endsWith("TB") ? 1e12 : 1e9)))
  .refine(Number.isSafeInteger, tooMuch);

/** A VLAN tag, 1 to 4094. */
export const VlanTag = z
  .int({ error: ({ input }) => `${showValue(input)} is not a VLAN tag. | Write a whole number from 1 to 4094.` })
  .min(1, { error: ({ input }) => `${showValue(input)} is not a VLAN tag. | Write a whole number from 1 to 4094.` })
  .max(4094, { error: ({ input }) => `${showValue(input)} is not a VLAN tag. | Write a whole number from 1 to 4094.` });

/** A tag of a guest. Whether capitals are kept is a setting of the datacenter, which `src/edits/check-tags.ts` asks for. */
export const Tag = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_+.-]*$/, {
  error: ({ input }) =>
    `${showValue(input)} is not a tag. | Use letters, digits and _, and besides + . - after the first.`,
});

/** A number of cores or threads. */
export const Count = z
  .int({ error: ({ input }) => `${showValue(input)} is not a count. | Write a whole number from 1 up.` })
  .min(1, { error: ({ input }) => `${showValue(input)} is too few. | Write a whole number from 1 up.` });

/** A TCP or UDP port. */
export const Port = z
  .int({ error: ({ input }) => portError(input) })
  .min(1, { error: ({ input }) => portError(input) })
  .max(65_535, { error: ({ input }) => portError(input) });

/** A span of time with its unit, kept in seconds: `30 s`, `2 min`. */
export const Duration = z
  .string({ error: ({ input }) => durationError(input) })
  .regex(/^\d+ ?(?:s|min)$/, { error: ({ input }) => durationError(input) })
  .transform(parseAmount)
  .refine(Number.isSafeInteger, tooMuch);

/** A longer span of time, kept in seconds: `12 h`, `35 d`. */
export const Period = z
  .string({ error: ({ input }) => periodError(input) })
  .regex(/^[1-9]\d* ?(?:h|d)$/, { error: ({ input }) => periodError(input) })
  .transform(parseAmount)
  .refine(Number.isSafeInteger, tooMuch);

/** How much may be sent in a second, kept in bytes: `80 MiB/s`. */
export const Rate = z
  .string({ error: ({ input }) => rateError(input) })
  .regex(/^[1-9]\d* ?(?:MiB|GiB)\/s$/, { error: ({ input }) => rateError(input) })
  .transform(parseAmount)
  .refine(Number.isSafeInteger, tooMuch);

/** When something happens, in the node's time: `01:30` each day, `sun 04:00` each Sunday. */
export const Schedule = z.string().regex(/^(?:(?:mon|tue|wed|thu|fri|sat|sun) )?(?:[01]\d|2[0-3]):[0-5]\d$/, {
  error: ({ input }) =>
    `${showValue(input)} is not a time. | Write a time for each day, such as 01:30, or a weekday before it: sun 04:00.`,
});

/** The ID of a storage, as PVE::JSONSchema takes it. */
export const StorageId = z
  .string()
  .regex(/^[a-z][a-z0-9_.-]*[a-z0-9]$/i, {
    error: ({ input }) =>
      `${showValue(input)} is not the ID of a storage. | Use letters, digits and - _ . and begin with a letter.`,
  })
  .refine(isFree, taken);

/** A key of the inventory that becomes part of names: kebab-case. */
export const Key = z
  .string()
  .regex(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/, {
    error: ({ input }) => `${showValue(input)} is not a name. | Use lower-case letters, digits and inner hyphens.`,
  })
  .refine(isFree, taken);

function portError(input: unknown): string {
  return `${showValue(input)} is not a port. | Write a whole number from 1 to 65535.`;
}

function durationError(input: unknown): string {
  return `${showValue(input)} is not a span of time. | Write a whole number and s or min, such as 30 s.`;
}

function periodError(input: unknown): string {
  return `${showValue(input)} is not a span of time. | Write a whole number and h or d, such as 12 h or 35 d.`;
}

function rateError(input: unknown): string {
  return `${showValue(input)} is not a rate. | Write a whole number and MiB/s or GiB/s, such as 80 MiB/s.`;
}

function diskSizeError(input: unknown): string {
  return `${showValue(input)} is not the size of a disk. | Write it as it is sold, in GB or TB, such as 500 GB or 1.92 TB.`;
}

function sizeError(input: unknown): string {
  return `${showValue(input)} is not a size. | Write a whole number and MiB, GiB or TiB, such as 512 MiB or 8 GiB.`;
}
