import { z } from "zod";
import { guest, Volume } from "./guests.ts";
import { GuestName, Key } from "./scalars.ts";
import { showValue } from "./show-value.ts";

const Slot = z.string().regex(/^scsi(?:[1-9]|1\d|2\d|30)$/, {
  error: ({ input }) =>
    `${showValue(input)} is not a slot for a data disk. | Use scsi1 to scsi30; a disk keeps its slot, and scsi0 is the system's.`,
});

const DataDisk = Volume.extend({ backup: z.boolean().default(true) });

const MountedDisk = DataDisk.extend({
  path: z
    .string()
    .regex(/^(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]*)+$/, {
      error: ({ input }) =>
        `${showValue(input)} is not a path for a mount. | Write an absolute one of letters, digits and _ . - such as /var/opt/gitlab.`,
    })
    .optional()
    .describe("Where it is mounted, with a file system that is made once, on an empty disk only; left alone without."),
  filesystem: z.enum(["ext4", "xfs"]).default("ext4"),
});

const machine = {
  ...guest,
  cpuType: z.enum(["host", "x86-64-v2-AES", "x86-64-v3"]).default("x86-64-v2-AES"),
  disks: z.record(Slot, DataDisk).default({}).describe("Data disks by their slot."),
};

/** machines.yaml: the virtual machines (https://pve.proxmox.com/pve-docs/chapter-qm.html). */
export const Machines = z.record(
  GuestName,
  z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("cloud"),
      ...machine,
      disks: z.record(Slot, MountedDisk).default({}).describe("Data disks by their slot."),
      user: z
        .string()
        .regex(/^[a-z_][a-z0-9_-]{0,31}$/, {
          error: "This is not the name of a user. | Use lower-case letters, such as ops.",
        })
        .default("ops")
        .describe("Who may log in, with the keys of access.yaml."),
    }),
    z.strictObject({
      kind: z.literal("talos"),
      ...machine,
      cluster: Key,
      role: z.enum(["controlPlane", "worker"]),
    }),
  ]),
);

/** One virtual machine as the inventory describes it. */
export type Machine = z.infer<typeof Machines>[string];
