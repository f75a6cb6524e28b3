import type { Look } from "../../src/drift/drift.ts";

/** A container that somebody has changed, with all that can be known of that. */
export const changed: Look = {
  area: "resources",
  subject: "container grafana",
  drifts: [
    {
      kind: "changed",
      what: "container grafana: memory.dedicated",
      where: "pve-01, VMID 101",
      was: 1024,
      is: 3072,
      inventory: "containers.grafana.memory in config/homelab/containers.yaml",
      cause: { task: "vzstop", who: "alice@pve", since: "2026-01-01T00:00:00Z" },
    },
  ],
};
