import { resolve } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { checkReferences } from "../../src/inventory/references.ts";
import { planHomelab } from "../../src/plan/plan.ts";

const shipped = loadInventory(resolve(import.meta.dirname, "../.."));
const template = first(Object.values(shipped.containers));

interface Draft {
  readonly name: string;
  readonly network: "internal" | "lab";
  readonly hostPart: number;
  readonly vmid: number | undefined;
}

// Two networks whose derived VMIDs would meet if host parts above 999 were let through.
const networks = {
  ...Object.fromEntries(Object.entries(shipped.networks).filter(([, { zone }]) => zone === "management")),
  internal: { ...network("internal"), vlan: 20, subnet: "10.20.0.0/16" },
  lab: { ...network("internal"), vlan: 21, subnet: "10.21.0.0/16", gateway: "10.21.0.1" },
};

// Few numbers, so that clashes are common.
const hostPart = fc.oneof(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 998, max: 1008 }));
const vmid = fc.option(fc.constantFrom(500, 20_005, 20_006, 21_002, 21_999), { nil: undefined });
const name = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/);
const drafts = fc.uniqueArray(
  fc.record({ name, network: fc.constantFrom("internal" as const, "lab" as const), hostPart, vmid }),
  { selector: (draft) => draft.name, minLength: 1, maxLength: 6 },
);

test("no two guests share an address or a VMID: the inventory is refused exactly where they would", () => {
  const seen = { refused: 0, taken: 0 };
  fc.assert(
    fc.property(drafts, (list) => {
      const inventory = inventoryOf(list);
      const plan = planHomelab(inventory);
      const distinct =
        new Set(plan.containers.map((guest) => guest.vmid)).size === list.length &&
        new Set(plan.containers.map((guest) => guest.network.address)).size === list.length;
      const derivable = list.every((draft) => draft.vmid !== undefined || draft.hostPart <= 999);
      const accepted = checkReferences(inventory).length === 0;
      seen[accepted ? "taken" : "refused"]++;
      expect(accepted).toBe(distinct && derivable);
    }),
    { numRuns: 300 },
  );
  // Else the property would have proved nothing.
  expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(20);
});

test("reordering the inventory changes not a byte of the plan", () => {
  const expected = planHomelab(shipped);
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const reordered = reorder(shipped, seed) as Inventory;
      expect(checkReferences(reordered)).toEqual([]);
      const plan = planHomelab(reordered);
      expect(Object.keys(plan)).toEqual(Object.keys(expected));
      for (const key of Object.keys(plan) as (keyof typeof plan)[]) {
        expect(JSON.stringify(plan[key]), key).toBe(JSON.stringify(expected[key]));
      }
    }),
    { numRuns: 50 },
  );
  expect(JSON.stringify(reorder(shipped, 1))).not.toBe(JSON.stringify(shipped));
});

test("adding a guest changes no other guest", () => {
  const before = planHomelab(shipped);
  fc.assert(
    fc.property(name, fc.integer({ min: 100, max: 900 }), (added, host) => {
      fc.pre(before.outputs.guests[added] === undefined);
      const guest = { ...template, vmid: undefined, address: `10.20.0.${host % 200}`, node: "pve-02" };
      const after = planHomelab({ ...shipped, containers: { ...shipped.containers, [added]: guest } });
      expect(after.containers.filter((container) => container.name !== added)).toEqual(before.containers);
      expect(after.machines).toEqual(before.machines);
      expect(after.containers).toHaveLength(before.containers.length + 1);
    }),
  );
});

function inventoryOf(list: readonly Draft[]): Inventory {
  const containers = list.map((draft) => {
    const [high, low] = [Math.floor(draft.hostPart / 256), draft.hostPart % 256];
    const address = `10.${draft.network === "internal" ? 20 : 21}.${high}.${low}`;
    return [draft.name, { ...template, memory: 2 ** 20, network: draft.network, address, vmid: draft.vmid }] as const;
  });
  return {
    ...shipped,
    networks,
    // What it says of other guests would be wrong.
    services: { domain: shipped.services.domain },
    machines: {},
    waivers: [],
    containers: Object.fromEntries(containers),
    images: templatesOnly(),
  };
}

function templatesOnly(): Inventory["images"] {
  return Object.fromEntries(Object.entries(shipped.images).filter(([, { kind }]) => kind === "containerTemplate"));
}

/** Shuffles the entries of every map and of every list whose order means nothing. */
function reorder(value: unknown, seed: number, key = ""): unknown {
  if (Array.isArray(value)) {
    // The first name server is asked first.
    return key === "dns" || key === "resolvers" ? value : shuffle(value, seed).map((part) => reorder(part, seed));
  }
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    shuffle(Object.entries(value), seed).map(([name, part]) => [name, reorder(part, seed, name)]),
  );
}

function shuffle<T>(values: readonly T[], seed: number): T[] {
  let state = seed;
  const next = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0);
  return values
    .map((value) => ({ value, rank: next() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ value }) => value);
}

function network(key: string): Inventory["networks"][string] {
  const found = shipped.networks[key];
  if (found === undefined) throw new Error(`The shipped inventory has no network ${key}.`);
  return found;
}

function first<T>(values: readonly T[]): T {
  const [value] = values;
  if (value === undefined) throw new Error("The shipped inventory has no container.");
  return value;
}
