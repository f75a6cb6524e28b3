import { resolve } from "node:path";
import { expect, test } from "vitest";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { planHomelab } from "../../src/plan/plan.ts";

const shipped = loadInventory(resolve(import.meta.dirname, "../.."));

test("what a guest in the DMZ tells of itself, it tells Prometheus and nobody else", () => {
  expect(rulesFor9100(shipped)).toEqual([
    {
      direction: "in",
      action: "ACCEPT",
      protocol: "tcp",
      port: "9100",
      source: "10.20.0.11",
      comment: "metrics for prometheus",
    },
  ]);
});

test.each<[what: string, services: Inventory["services"]]>([
  ["no exporter", { ...shipped.services, system: { securityUpgrades: true, nodeExporter: false } }],
  ["no Prometheus", { ...shipped.services, prometheus: undefined }],
])("with %s the door stays closed", (_what, services) => {
  expect(rulesFor9100({ ...shipped, services })).toEqual([]);
});

function rulesFor9100(inventory: Inventory) {
  const guest = planHomelab(inventory).machines.find(({ name }) => name === "traefik-dmz");
  if (guest?.firewall === undefined) throw new Error("traefik-dmz is not guarded.");
  return guest.firewall.rules.filter(({ port }) => port === "9100");
}
