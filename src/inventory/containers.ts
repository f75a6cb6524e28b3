import { z } from "zod";
import { Hostname, Ipv4Address, Size, Tag, Vmid } from "./scalars.ts";

/** containers.yaml: the Linux containers (https://pve.proxmox.com/pve-docs/chapter-pct.html). */
export const Containers = z.record(
  Hostname,
  z.strictObject({
    node: z.string(),
    vmid: Vmid,
    network: z.string(),
    address: Ipv4Address,
    /** Volume ID of the template to unpack. */
    template: z.string().regex(/^[a-zA-Z0-9_-]+:vztmpl\/[^/\s]+$/, {
      error: ({ input }) =>
        `${JSON.stringify(input)} is not the volume ID of a container template. | Write storage:vztmpl/file, as \`pveam list\` prints it.`,
    }),
    cores: z
      .int({
        error: ({ input }) => `${JSON.stringify(input)} is not a number of cores. | Write a whole number from 1 up.`,
      })
      .min(1, {
        error: "A container needs a core at least. | Write a whole number from 1 up.",
      }),
    memory: Size,
    swap: Size.default(512 * 2 ** 20),
    disk: z.strictObject({ storage: z.string(), size: Size }),
    tags: z.array(Tag).default([]),
  }),
);

/** One container as the inventory describes it. */
export type Container = z.infer<typeof Containers>[string];
