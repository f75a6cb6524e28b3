import { expect, test } from "vitest";
import { Inventory } from "../../src/inventory/inventory.ts";
import { listedRemovals, noteListedRemovals } from "../../src/edits/listed-removals.ts";
import { buildOf, refusalsOf, shipped } from "./edited-homelab.ts";

const removals = { grafana: { until: "2026-12-31" } };

test.each([
  ["2026-12-30", ["grafana"]],
  ["2026-12-31", ["grafana"]],
  ["2027-01-01", []],
])("on %s a line until 2026-12-31 names %j", (today, names) => {
  expect(listedRemovals(removals, today)).toEqual(names);
});

test.each(["tomorrow", "2026-02-30", "31.12.2026", 2026])("%s is not a day", (until) => {
  expect(Inventory.shape.removals.safeParse({ grafana: { until } }).success).toBe(false);
});

test("a line about a guest of the inventory is refused", () => {
  const refused = refusalsOf((inventory) => (inventory.removals = removals));
  expect(refused).toMatchObject([{ at: "removals.grafana" }]);
});

test("a guest whose line has ended is refused, with the day", () => {
  const refused = refusalsOf((inventory) => {
    Reflect.deleteProperty(inventory.containers, "grafana");
    inventory.removals = { grafana: { until: "2001-01-01" } };
  });
  expect(refused).toMatchObject([
    { at: "containers.grafana", remedy: expect.stringContaining("allowed that until 2001-01-01.") as string },
  ]);
});

test("a line that has done its work is named", () => {
  const inventory = { ...shipped, removals: { nextcloud: { until: "2026-12-31" } } };
  expect(noteListedRemovals(inventory, buildOf(shipped))).toEqual([
    "The stack has no guest nextcloud: take the line out of removals.yaml.",
  ]);
  expect(noteListedRemovals(shipped, buildOf(shipped))).toEqual([]);
});
