import { z } from "zod";

// Proxmox VE writes numbers now and then as strings, and truth as 1: only what is looked at is described here.
const number = z.coerce.number();
const flag = z.union([z.boolean(), z.coerce.number()]).transform(Boolean);

/** GET /version, of the node that answers or of another. */
export const Version = z.object({ version: z.string() });
/** GET /cluster/status */
export const ClusterStatus = z.array(
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("cluster"), name: z.string(), quorate: flag }),
    z.object({ type: z.literal("node"), name: z.string(), ip: z.string().optional(), online: flag }),
  ]),
);
/** What the cluster says of itself and its nodes. */
export type ClusterStatus = z.infer<typeof ClusterStatus>;
/** GET /nodes/{node}/status */
export const NodeStatus = z.object({ memory: z.object({ total: number }), rootfs: z.object({ avail: number }) });
/** GET /nodes/{node}/disks/list */
export const Disks = z.array(
  z.object({
    devpath: z.string(),
    by_id_link: z.string().optional(),
    model: z.string().optional(),
    serial: z.string().optional(),
    wwn: z.string().optional(),
    size: number,
    used: z.string().optional(),
    health: z.string().optional(),
  }),
);
/** One disk of a node. */
export type Disk = z.infer<typeof Disks>[number];
/** GET /nodes/{node}/disks/zfs */
export const ZfsPools = z.array(z.object({ name: z.string(), size: number, free: number, health: z.string() }));

/** A part of a ZFS pool: a group of disks, or a disk. */
export interface Vdev {
  readonly name: string;
  readonly state?: string | undefined;
  readonly children?: readonly Vdev[] | undefined;
}
const Vdev: z.ZodType<Vdev> = z.object({
  name: z.string(),
  state: z.string().optional(),
  get children() {
    return z.array(Vdev).optional();
  },
});
/** GET /nodes/{node}/disks/zfs/{name} */
export const ZfsPool = z.object({ name: z.string(), state: z.string(), children: z.array(Vdev) });
/** What is in a ZFS pool. */
export type ZfsPool = z.infer<typeof ZfsPool>;
/** GET /storage */
export const StorageConfigs = z.array(
  z.object({
    storage: z.string(),
    type: z.string(),
    content: z.string().default(""),
    pool: z.string().optional(),
    path: z.string().optional(),
  }),
);
/** One storage as the cluster's configuration has it. */
export type StorageConfig = z.infer<typeof StorageConfigs>[number];
/** GET /nodes/{node}/storage */
export const NodeStorages = z.array(
  z.object({
    storage: z.string(),
    active: flag.default(false),
    enabled: flag.default(true),
    shared: flag.default(false),
    avail: number.default(0),
    total: number.default(0),
  }),
);
/** One storage as a node sees it. */
export type NodeStorage = z.infer<typeof NodeStorages>[number];
/** GET /nodes/{node}/network/{iface} */
export const Interface = z.object({
  type: z.string(),
  active: flag.default(false),
  bridge_ports: z.string().default(""),
  bridge_vlan_aware: flag.default(false),
});
/** One bridge, if it is one. */
export type Interface = z.infer<typeof Interface>;
/** GET /cluster/resources?type=vm */
export const Guests = z.array(
  z.object({
    vmid: number,
    node: z.string(),
    name: z.string().optional(),
    type: z.enum(["lxc", "qemu"]),
    status: z.string().optional(),
    maxmem: number.default(0),
    tags: z.string().default(""),
  }),
);
/** One guest that there is. */
export type ExistingGuest = z.infer<typeof Guests>[number];
/** GET /nodes/{node}/query-url-metadata */
export const UrlMetadata = z.object({ size: number.optional() });
/** GET /access/permissions?path=…: by path, the privileges, each with whether it goes on to what is below. */
export const Permissions = z.record(z.string(), z.record(z.string(), flag));
/** GET /access/roles/{roleid} */
export const Role = z.record(z.string(), z.unknown());
