import { z } from "zod";
import { Bridge } from "./nodes.ts";
import { Hostname, Ipv4Address, Ipv4Network, VlanTag } from "./scalars.ts";

/** networks.yaml: the VLANs that guests can join. */
export const Networks = z.record(
  Hostname,
  z.strictObject({
    vlan: VlanTag,
    subnet: Ipv4Network,
    gateway: Ipv4Address,
    dns: z.array(Ipv4Address).min(1, { error: "There is no name server. | Give at least one address." }),
    zone: z
      .enum(["management", "internal", "dmz"])
      .describe("What the router lets reach it: the nodes themselves, guests only, or the internet too."),
    bridge: Bridge.default("vmbr0").describe("The nodes' bridge that carries it."),
  }),
);

/** One network as the inventory describes it. */
export type Network = z.infer<typeof Networks>[string];
