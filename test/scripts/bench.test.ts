import { rmSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addGuests, mostGuests } from "../../scripts/bench/add-guests.ts";
import { renderFigures } from "../../scripts/bench/render-figures.ts";
import { sumUpRequests } from "../../scripts/bench/requests.ts";
import { copyProject } from "../../scripts/copy-project.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { planHomelab } from "../../src/plan/plan.ts";

describe("a generated inventory", () => {
  let project: string;

  beforeEach(() => {
    project = copyProject({ services: true });
  });

  afterEach(() => {
    rmSync(project, { recursive: true });
  });

  test.each([100, 500])("of %i guests keeps all rules", (total) => {
    const shipped = planHomelab(loadInventory(project));
    addGuests(project, total);
    const { containers, machines } = planHomelab(loadInventory(project));
    expect(containers.length + machines.length).toBe(total);
    expect(containers.map(({ name }) => name)).toEqual(
      expect.arrayContaining(shipped.containers.map(({ name }) => name)),
    );
  });

  test("has addresses for the most that can be asked for", () => {
    addGuests(project, mostGuests);
    // There are not disks enough for so many, and nothing else is wrong.
    expect(() => loadInventory(project)).not.toThrow(/address|vmid/i);
  });
});

test("requests that overlap are waited for once", () => {
  const intervals = [
    { start: 1000, end: 3000 },
    { start: 0, end: 2000 },
    { start: 1200, end: 1400 },
    { start: 5000, end: 5500 },
  ];
  expect(sumUpRequests(intervals)).toEqual({ count: 4, summedSeconds: 4.7, busySeconds: 3.5 });
});

test("what the system does not tell is left open", () => {
  const requests = { count: 3, summedSeconds: 1.25, busySeconds: 0.5 };
  const run = { run: "up", seconds: 10, startSeconds: 2, requests, processor: undefined };
  const text = renderFigures({ inventory: "100 guests", guests: 100, resources: 300, steps: 5, runs: [run] });
  expect(text).toContain("The inventory with 100 guests: 100 guests, 300 resources, of which 5 are steps over SSH");
  expect(text).toMatch(/│ up +│ 10\.0 s │ +2\.0 s │ +3, 1\.3 s │ +0\.5 s │ +– │ +– │ +– │/);
});
