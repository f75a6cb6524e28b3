import { resolve } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { planHomelab } from "../../src/plan/plan.ts";

const shipped = loadInventory(resolve(import.meta.dirname, "../.."));

test("decides the shipped container", () => {
  expect(planHomelab(shipped).containers).toEqual([
    {
      name: "grafana",
      node: "pve-01",
      vmid: 20010,
      template: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
      cores: 2,
      memoryMib: 1024,
      swapMib: 512,
      disk: { storage: "local-zfs", sizeGib: 8 },
      network: { bridge: "vmbr0", vlan: 20, address: "10.20.0.10/24", gateway: "10.20.0.1", dns: ["10.20.0.1"] },
      tags: ["homelab", "monitoring"],
      description: "grafana: managed by Pulumi from config/homelab/containers.yaml; changes made here are undone.",
    },
  ]);
});

test("the plan is frozen to its last value", () => {
  const [container] = planHomelab(shipped).containers;
  expect(Object.isFrozen(container)).toBe(true);
  expect(Object.isFrozen(container?.network.dns)).toBe(true);
});

test("reordering the inventory changes nothing", () => {
  const [grafana] = Object.values(shipped.containers);
  if (grafana === undefined) throw new Error("The shipped inventory has no container.");
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/), { minLength: 1, maxLength: 12 });
  const orders = names.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  );
  const inventoryOf = (list: readonly string[]): Inventory => ({
    ...shipped,
    containers: Object.fromEntries(list.map((name) => [name, grafana])),
  });
  fc.assert(
    fc.property(orders, ([one, other]) => {
      expect(planHomelab(inventoryOf(one))).toEqual(planHomelab(inventoryOf(other)));
    }),
  );
});
