import { resolve } from "node:path";
import { expect, test } from "vitest";
import { loadInventory } from "../../src/inventory/load.ts";
import { checkReferences } from "../../src/inventory/references.ts";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { planHomelab } from "../../src/plan/plan.ts";

const shipped = loadInventory(resolve(import.meta.dirname, "../.."));

/** The same homelab, with other names for its nodes and guests. */
function renamed(inventory: Inventory, name: (text: string) => string): Inventory {
  const keys = <T>(entries: Readonly<Record<string, T>>, change = (value: T) => value): Record<string, T> =>
    Object.fromEntries(Object.entries(entries).map(([key, value]) => [name(key), change(value)]));
  const guest = <T extends Inventory["containers"][string] | Inventory["machines"][string]>(own: T): T => ({
    ...own,
    node: name(own.node),
    ...(own.firewall === undefined
      ? {}
      : { firewall: { ...own.firewall, backends: own.firewall.backends.map((backend) => name(backend)) } }),
  });
  const { nodes, containers, machines, storage, backups, services } = inventory;
  const all = structuredClone({
    ...inventory,
    nodes: keys(nodes),
    containers: keys(containers, guest),
    machines: keys(machines, guest),
    storage: Object.fromEntries(
      Object.entries(storage).map(([id, own]) => [
        id,
        own.nodes === undefined ? own : { ...own, nodes: own.nodes.map((node) => name(node)) },
      ]),
    ),
    backups: Object.fromEntries(
      Object.entries(backups).map(([id, own]) => [
        id,
        { ...own, schedule: keys(own.schedule), exclude: keys(own.exclude) },
      ]),
    ),
  });
  const { traefik } = services;
  return traefik === undefined
    ? all
    : { ...all, services: { ...services, traefik: { ...traefik, backends: keys(traefik.backends) } } };
}

/** A plan in which names are as good as in lower case, and what is hashed from them is no matter. */
function withoutCase(inventory: Inventory): unknown {
  const text = JSON.stringify(planHomelab(inventory)).toLowerCase();
  return JSON.parse(text.replaceAll(/\b(?=[0-9]*[a-f])[0-9a-f]{8,64}\b/g, "hash"));
}

const capitals = renamed(shipped, (text) => text.toUpperCase());

test("a homelab whose nodes and guests have names in capitals keeps to all rules", () => {
  expect(checkReferences(capitals)).toEqual([]);
});

test("and is planned as in lower case, but for the names", () => {
  expect(withoutCase(capitals)).toEqual(withoutCase(shipped));
});

test("what is reached by a name in DNS is reached by it in lower case", () => {
  const urls = Object.values(planHomelab(capitals).outputs.urls);
  expect(urls).toEqual(Object.values(planHomelab(shipped).outputs.urls));
  // Also in what services are told of each other.
  const texts = JSON.stringify(planHomelab(capitals).steps);
  const { domain } = shipped.services;
  const names = texts.match(new RegExp(`[A-Za-z0-9-]+\\.${domain}`, "g")) ?? [];
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((found) => found !== found.toLowerCase())).toEqual([]);
});
