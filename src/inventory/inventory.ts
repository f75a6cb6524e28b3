import { z } from "zod";
import { Access } from "./access.ts";
import { Backups } from "./backups.ts";
import { Containers } from "./containers.ts";
import { Images } from "./images.ts";
import { Machines } from "./machines.ts";
import { Networks } from "./networks.ts";
import { Nodes } from "./nodes.ts";
import { Others } from "./others.ts";
import { Removals } from "./removals.ts";
import { Services } from "./services.ts";
import { Storage } from "./storage.ts";
import { Waivers } from "./waivers.ts";

/** The whole homelab as its author describes it; each key is a file of that name in config/homelab/. */
export const Inventory = z.strictObject({
  nodes: Nodes,
  networks: Networks,
  storage: Storage,
  images: Images,
  containers: Containers.default({}),
  machines: Machines.default({}),
  backups: Backups,
  access: Access,
  services: Services.prefault({}),
  others: Others,
  waivers: Waivers,
  removals: Removals,
});

/** The validated inventory; names are not resolved yet. */
export type Inventory = z.infer<typeof Inventory>;
