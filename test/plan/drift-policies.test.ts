import { resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { entryOf } from "../../src/adopt/places.ts";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import type { DriftPolicy } from "../../src/inventory/on-drift.ts";
import { planDriftPolicies } from "../../src/plan/drift-policies.ts";
import { planHomelab } from "../../src/plan/plan.ts";
import { registerShippedHomelab } from "../components/registrations.ts";

const shipped = loadInventory(resolve(import.meta.dirname, "../.."));
const word = fc.constantFrom<DriftPolicy>("report", "restore", "accept");

test("what is just told needs no mention", () => {
  expect(planDriftPolicies(withWords({}))).toEqual({});
});

test("what is within a node has its own word, or the node's", () => {
  fc.assert(
    fc.property(word, fc.option(word, { nil: undefined }), (node, pool) => {
      const policies = planDriftPolicies(withWords({ "nodes.pve-01": node, "nodes.pve-01.pools.fast": pool }));
      const policyOf = (path: string) => policies[path] ?? "report";
      expect(policyOf("nodes.pve-01")).toBe(node);
      expect(policyOf("nodes.pve-01.pools.fast")).toBe(pool ?? node);
      expect(policyOf("nodes.pve-01.bridges.vmbr0")).toBe(node);
      expect(policyOf("nodes.pve-02.bridges.vmbr0")).toBe("report");
    }),
  );
});

test("steps go by their guest or node", () => {
  const { steps } = planHomelab(withWords({ "containers.grafana": "accept", "nodes.pve-02": "restore" }));
  const others = steps.filter(({ onDrift }) => onDrift !== "report");
  expect(others.map(({ name, onDrift }) => [name, onDrift])).toEqual([
    ["pve-02", "restore"],
    ["grafana", "accept"],
  ]);
});

describe("each resource of the shipped homelab", async () => {
  const { registrations } = await registerShippedHomelab();
  const resources = registrations.filter(({ type }) => type.startsWith("proxmoxve:"));
  const entries = new Map(
    resources.map((resource) => [`${lastPart(resource.type)} ${resource.name}`, entryOf(resource)]),
  );

  test.each([
    ["ContainerLegacy grafana", "containers.grafana"],
    ["VmLegacy gitlab", "machines.gitlab"],
    ["FileLegacy gitlab-user-data", "machines.gitlab"],
    ["RulesLegacy traefik-dmz-firewall", "machines.traefik-dmz"],
    ["OptionsLegacy traefik-dmz-firewall-options", "machines.traefik-dmz"],
    ["Zfs pve-01-fast", "nodes.pve-01.pools.fast"],
    ["Firewall pve-01", "nodes.pve-01"],
    ["Nfs nas", "storage.nas"],
    ["Job daily-pve-01", "backups.daily"],
    ["FirewallLegacy homelab", undefined],
  ])("%s has the entry %s", (resource, entry) => {
    expect([...entries.keys()]).toContain(resource);
    expect(entries.get(resource)).toBe(entry);
  });

  test("has an entry with a word, but for the datacenter's firewall", () => {
    const words = planDriftPolicies(withWords({}, "accept"));
    const without = [...entries].filter(([, entry]) => entry === undefined || words[entry] === undefined);
    expect(without.map(([resource]) => lastPart(resource).split(" ")[0])).toEqual(["FirewallLegacy"]);
  });
});

function lastPart(type: string): string {
  return type.split(":").at(-1) ?? "";
}

/** The shipped inventory with these words by the path of their entries, and all others with the same one. */
function withWords(
  words: Readonly<Record<string, DriftPolicy | undefined>>,
  others: DriftPolicy = "report",
): Inventory {
  const entriesOf = <T extends object>(path: string, entries: Readonly<Record<string, T>>) =>
    Object.fromEntries(
      Object.entries(entries).map(([name, entry]) => [name, { ...entry, onDrift: words[`${path}.${name}`] ?? others }]),
    );
  const innerOf = <T extends object>(path: string, entries: Readonly<Record<string, T>>) =>
    Object.fromEntries(
      Object.entries(entries).map(([name, { ...entry }]) => {
        const own = words[`${path}.${name}`];
        return [name, own === undefined ? entry : { ...entry, onDrift: own }];
      }),
    );
  const nodes = Object.entries(shipped.nodes).map(
    ([name, node]) =>
      [
        name,
        {
          ...node,
          pools: innerOf(`nodes.${name}.pools`, node.pools),
          bridges: innerOf(`nodes.${name}.bridges`, node.bridges),
        },
      ] as const,
  );
  const { influxdb, ...services } = shipped.services;
  return {
    ...shipped,
    nodes: entriesOf("nodes", Object.fromEntries(nodes)),
    storage: entriesOf("storage", shipped.storage),
    images: entriesOf("images", shipped.images),
    containers: entriesOf("containers", shipped.containers),
    machines: entriesOf("machines", shipped.machines),
    backups: entriesOf("backups", shipped.backups),
    services: { ...services, ...(influxdb === undefined ? {} : entriesOf("services", { influxdb })) },
  };
}
