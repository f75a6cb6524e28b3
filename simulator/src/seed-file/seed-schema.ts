import { isIPv4 } from "node:net";
import { z } from "zod";

const units: Readonly<Record<string, number>> = {
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

const quote = (value: unknown) => JSON.stringify(value);

/** A size with its unit: `512 GB` as disks are sold, `8 GiB` as memory is. */
const Size = z.string({ error: ({ input }) => sizeError(input) }).transform((text, context) => {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?) ?([MGT]i?B)$/.exec(text) ?? [];
  const bytes = Math.round(Number(number) * (units[unit] ?? 0));
  if (bytes > 0) return bytes;
  context.addIssue({ code: "custom", message: sizeError(text), input: text });
  return z.NEVER;
});

const Name = z.string().regex(/^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/, {
  error: ({ input }) => `${quote(input)} is not a node's name. | Use letters, digits and inner hyphens.`,
});

const Address = z.string().refine(isIPv4, {
  error: ({ input }) => `${quote(input)} is not an IPv4 address. | Write four numbers with dots: 192.168.1.10.`,
});

const AddressWithPrefix = z
  .string()
  .refine((text) => isIPv4(text.split("/")[0] ?? "") && /\/([0-9]|[12]\d|3[0-2])$/.test(text), {
    error: ({ input }) => `${quote(input)} is not an IPv4 address with its prefix. | Write both: 192.168.1.10/24.`,
  });

const Device = z.string().regex(/^\/dev\/[a-z0-9]+$/, {
  error: ({ input }) => `${quote(input)} is not the path of a disk. | Write it as /dev/nvme0n1 or /dev/sda.`,
});

const count = z.int().min(1);

const Disk = z.strictObject({
  model: z.string().default("Samsung SSD 990 PRO 1TB"),
  size: Size.default(1_000_204_886_016),
  type: z.enum(["nvme", "ssd", "hdd"]).optional(),
  serial: z.string().optional(),
  wearout: z.int().min(0).max(100).default(100),
});

const Pool = z.strictObject({
  raid: z.enum(["single", "mirror", "raid10", "raidz", "raidz2", "raidz3"]).default("single"),
  disks: z.array(Device).min(1),
});

const Bridge = z.strictObject({
  ports: z.array(z.string()).default([]),
  address: AddressWithPrefix.optional(),
  gateway: Address.optional(),
  vlanAware: z.boolean().default(false),
});

const Node = z.strictObject({
  address: Address.optional(),
  cpu: z
    .strictObject({
      model: z.string().default("13th Gen Intel(R) Core(TM) i9-13900H"),
      sockets: count.default(1),
      cores: count.default(4),
      threads: count.optional(),
    })
    .prefault({}),
  memory: Size.default(16 * 2 ** 30),
  disks: z.record(Device, Disk.prefault({})).default({}),
  pools: z.record(z.string(), Pool).optional(),
  bridges: z.record(z.string(), Bridge).optional(),
});

/** A parameter of a request, as YAML has it. */
const Parameter = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);

const Guest = z.strictObject({
  type: z.enum(["lxc", "qemu"]),
  node: z.string(),
  running: z.boolean().default(false),
  settings: z.record(z.string(), Parameter).default({}),
});

/** A description of a cluster, of which everything may be left out. */
export const SeedFile = z.strictObject({
  name: Name.default("homelab"),
  root: z.strictObject({ password: z.string().min(5).optional(), token: z.uuid().optional() }).prefault({}),
  nodes: z.record(Name, Node).optional(),
  storages: z.record(z.string(), z.object({ size: Size.optional() }).catchall(Parameter)).default({}),
  volumes: z.record(z.string(), z.record(z.string(), Size)).default({}),
  guests: z.record(z.string().regex(/^[1-9]\d{2,8}$/, { error: vmidError }), Guest).default({}),
  requests: z.array(z.record(z.string(), z.record(z.string(), Parameter).nullable())).default([]),
});

/** What a seed file says, with its defaults. */
export type SeedFile = z.infer<typeof SeedFile>;
/** One node of it. */
export type SeedNode = z.infer<typeof Node>;

function sizeError(input: unknown): string {
  return `${quote(input)} is not a size. | Write a number and MB, GB, TB, MiB, GiB or TiB: 8 GiB.`;
}

function vmidError({ input }: { readonly input?: unknown }): string {
  return `${quote(input)} is not a VMID. | Write a whole number from 100 to 999999999.`;
}
