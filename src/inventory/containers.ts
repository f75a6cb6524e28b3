import { z } from "zod";
import { guest, Volume } from "./guests.ts";
import { GuestName, Size } from "./scalars.ts";
import { absolutePath } from "./texts.ts";
import { showValue } from "./show-value.ts";

const MountPoint = z.string().regex(/^mp(?:0|[1-9]\d?)$/, {
  error: ({ input }) =>
    `${showValue(input)} is not a mount point. | Use mp0, mp1 and so on; a volume keeps its number.`,
});

/** containers.yaml: the Linux containers (https://pve.proxmox.com/pve-docs/chapter-pct.html). */
export const Containers = z.record(
  GuestName,
  z.strictObject({
    ...guest,
    swap: Size.default(512 * 2 ** 20),
    volumes: z
      .record(
        MountPoint,
        Volume.extend({
          path: absolutePath("/var/lib/grafana"),
          backup: z.boolean().default(true),
        }),
      )
      .default({})
      .describe(
        "What holds data: it is backed up, and Proxmox protects the container from removal, with which it would go.",
      ),
    nesting: z.boolean().optional().describe("As the image asks for where it is left out."),
    privileged: z.boolean().default(false),
  }),
);

/** One container as the inventory describes it. */
export type Container = z.infer<typeof Containers>[string];
