import "./readable-errors.ts";
import { join } from "node:path";
import { Homelab } from "./components/homelab.ts";
import { loadInventory } from "./inventory/load.ts";
import { planHomelab } from "./plan/plan.ts";
import { loadSettings } from "./settings.ts";

const plan = planHomelab(loadInventory(join(import.meta.dirname, "..")));
const homelab = new Homelab("homelab", { plan, settings: loadSettings() });

/** The nodes that this homelab spans. */
export const nodes = plan.nodes.map(({ name, model, address }) => ({ name, model, address }));
/** Where each guest is found. */
export const guests = homelab.guests;
