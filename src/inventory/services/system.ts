import { z } from "zod";

/** services.yaml, system: what every guest with Debian in it gets. */
export const System = z.strictObject({
  securityUpgrades: z
    .boolean()
    .default(true)
    .describe("Whether guests install Debian's security upgrades by themselves, each night."),
  nodeExporter: z
    .boolean()
    .default(true)
    .describe("Whether guests and Proxmox VE nodes tell Prometheus how they are: prometheus-node-exporter, port 9100."),
});
