import { z } from "zod";
import { InnerOnDrift, OnDrift } from "./on-drift.ts";
import { Count, DiskSize, Ipv4Address, Key, NodeName, Size } from "./scalars.ts";
import { Line, Reason } from "./texts.ts";
import { showValue } from "./show-value.ts";

/** The name of a bridge on a node. */
export const Bridge = z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]{0,14}$/, {
  error: ({ input }) => `${showValue(input)} is not the name of a bridge. | Use the name on the node, such as vmbr0.`,
});

/** Whether Proxmox's installer made something, which is then only used, or this program creates it. */
export const Origin = z.enum(["installer", "create"]);

const Interface = z.string().regex(/^[a-z][a-z0-9]{1,14}$/, {
  error: ({ input }) =>
    `${showValue(input)} is not the name of a network interface. | Use the name on the node, such as enp1s0.`,
});

const PoolName = z.string().regex(/^(?!mirror|raidz|draid|spare|log)[a-zA-Z][a-zA-Z0-9_.-]*$/, {
  error: ({ input }) =>
    `${showValue(input)} is not a name that ZFS takes for a pool. | Begin with a letter; names like mirror or raidz are ZFS's own.`,
});

const Disk = z.strictObject({
  id: z
    .string()
    .regex(/^\/dev\/disk\/by-id\/[A-Za-z0-9#+.:=@_-]+$/, {
      error: ({ input }) =>
        `${showValue(input)} may be another disk after the next start. | Write /dev/disk/by-id/… as \`ls -l /dev/disk/by-id\` prints it, without -part.`,
    })
    .describe("What stays the same when disks are plugged elsewhere."),
  model: Line,
  size: DiskSize,
});

const Pool = z.strictObject({
  origin: Origin,
  layout: z.enum(["individual", "striped", "mirror"]),
  disks: z
    .array(Key)
    .min(1, { error: "A pool needs a disk at least. | Name one of the node's disks." })
    .describe("Keys in the node's `disks`."),
  ashift: z
    .int()
    .min(9, { error: "ashift is the disk's sector size as a power of two. | Write 12 for 4096 bytes." })
    .max(16, { error: "ashift is the disk's sector size as a power of two. | Write 12 for 4096 bytes." })
    .default(12),
  compression: z
    .enum(["on", "off", "lz4", "zstd"])
    .optional()
    .describe(
      "Of what is written from now on. Default: lz4 for a pool that this program creates; the installer's keeps its own.",
    ),
  autotrim: z.boolean().default(true),
  scrub: z.enum(["monthly"]).default("monthly"),
  diskRatio: z
    .number()
    .min(0.1, { error: "The ratio leaves volumes nothing. | Write 1 where they may have all that fits." })
    .max(4, { error: "The ratio promises more than thin volumes can keep. | Write 1, or a little more." })
    .default(1)
    .describe("How much volumes may be promised together, as a multiple of what fits."),
  redundancy: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("mirror") }),
    z.strictObject({
      kind: z.literal("none"),
      reason: Reason,
      coveredBy: z
        .array(Key)
        .min(1, { error: "Nothing covers the loss of a disk. | Name a job of backups.yaml." })
        .describe("The backup jobs from which a lost disk is made good."),
    }),
  ]),
  onDrift: InnerOnDrift,
});

const NodeBridge = z.strictObject({
  origin: Origin,
  ports: z.array(Interface),
  vlanAware: z.boolean(),
  onDrift: InnerOnDrift,
});

/** nodes.yaml: the Proxmox VE nodes of the cluster. */
export const Nodes = z.record(
  NodeName,
  z.strictObject({
    model: Line,
    address: Ipv4Address.describe("Management address: web interface, API and SSH."),
    cpu: z.strictObject({ model: Line, cores: Count, threads: Count }),
    memory: Size,
    arcLimit: Size.describe("What ZFS may take of the memory; one cache serves all pools of a node."),
    reservedMemory: Size.default(2 * 2 ** 30).describe("Memory that Proxmox VE itself needs."),
    reservedDisk: Size.default(10 * 2 ** 30).describe("Space on the installer's pool that Proxmox VE itself needs."),
    memoryRatio: z
      .number()
      .min(0.1, { error: "The ratio leaves guests nothing. | Write 1 where guests may have all that is left." })
      .max(4, { error: "The ratio promises more than swapping can give. | Write 1, or a little more." })
      .default(1)
      .describe("How much memory guests may have together, as a multiple of what is left for them."),
    firewall: z.boolean().default(false).describe("Whether the node itself is guarded by Proxmox's firewall."),
    interfaces: z.array(Interface),
    bridges: z.record(Bridge, NodeBridge),
    disks: z.record(Key, Disk),
    pools: z.record(PoolName, Pool),
    onDrift: OnDrift,
  }),
);

/** One node as the inventory describes it. */
export type Node = z.infer<typeof Nodes>[string];
