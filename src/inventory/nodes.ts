import { z } from "zod";
import { Hostname, Ipv4Address } from "./scalars.ts";

/** nodes.yaml: the Proxmox VE nodes of the cluster. */
export const Nodes = z.record(
  Hostname,
  z.strictObject({
    model: z.string(),
    /** Management address: web interface, API and SSH. */
    address: Ipv4Address,
    /** The VLAN-aware bridge that guests are attached to. */
    bridge: z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]{0,14}$/, {
      error: ({ input }) =>
        `${JSON.stringify(input)} is not the name of a bridge. | Use the name on the node, such as vmbr0.`,
    }),
  }),
);
