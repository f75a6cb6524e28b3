import { z } from "zod";
import { Containers } from "./containers.ts";
import { Networks } from "./networks.ts";
import { Nodes } from "./nodes.ts";

/** The whole homelab as its author describes it; each key is a file of that name in config/homelab/. */
export const Inventory = z.strictObject({ nodes: Nodes, networks: Networks, containers: Containers });

/** The validated inventory; names are not resolved yet. */
export type Inventory = z.infer<typeof Inventory>;
