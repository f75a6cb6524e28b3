import { z } from "zod";
import { Hostname, Ipv4Address, Ipv4Network, VlanTag } from "./scalars.ts";

/** networks.yaml: the VLANs that guests can join. */
export const Networks = z.record(
  Hostname,
  z.strictObject({
    vlan: VlanTag,
    subnet: Ipv4Network,
    gateway: Ipv4Address,
    dns: z.array(Ipv4Address).min(1, { error: "There is no name server. | Give at least one address." }),
  }),
);
