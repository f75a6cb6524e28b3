import { resolve } from "node:path";
import fc from "fast-check";
import type { Container } from "../../src/inventory/containers.ts";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import type { Machine } from "../../src/inventory/machines.ts";
import { planHomelab, type HomelabPlan } from "../../src/plan/plan.ts";

/** The inventory that is shipped. */
export const shipped = loadInventory(resolve(import.meta.dirname, "../.."));

const networkNames = ["dmz", "dmz-2", "internal", "kubernetes", "lab", "management"] as const;
const kinds = ["container", "gitlab", "talos-worker-01", "traefik-dmz"] as const;

// Hostnames as they are, and as long as they may be.
const hostname = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9-]{0,18}[a-z0-9]$/),
  fc.stringMatching(/^[a-z][a-z0-9-]{30,61}[a-z0-9]$/),
);
const text = fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: "grapheme", maxLength: 30 }));

const nodeDraft = fc.record({
  model: text,
  cpu: text,
  disk: text,
  pools: fc.integer({ min: 0, max: 4 }),
  mirrored: fc.boolean(),
});
const guestDraft = fc.record({
  name: hostname,
  kind: fc.constantFrom(...kinds),
  network: fc.constantFrom(...networkNames),
  node: fc.nat({ max: 3 }),
  backends: fc.array(fc.nat({ max: 39 }), { maxLength: 3 }),
});
const draft = fc.record({
  nodes: fc.array(nodeDraft, { minLength: 1, maxLength: 4 }),
  guests: fc.uniqueArray(guestDraft, { selector: ({ name }) => name, maxLength: 40, size: "max" }),
  jobs: fc.integer({ min: 0, max: 4 }),
});

type Draft = typeof draft extends fc.Arbitrary<infer T> ? T : never;

/** Plans of one to four nodes and of up to forty guests, of which some are exposed. */
export const generatedPlan: fc.Arbitrary<HomelabPlan> = draft.map((value) => planHomelab(inventoryOf(value)));

function inventoryOf({ nodes, guests, jobs }: Draft): Inventory {
  const names = nodes.map((_, index) => `pve-0${index + 1}`);
  const entries = guests.map((guest, index) => [guest.name, guestOf(guest, index, names, guests)] as const);
  return {
    ...shipped,
    networks: networksOf(),
    nodes: Object.fromEntries(nodes.map((node, index) => [names[index] ?? "", nodeOf(node, index)])),
    storage: withoutNodes(),
    containers: Object.fromEntries(entries.filter((entry): entry is [string, Container] => !("kind" in entry[1]))),
    machines: Object.fromEntries(entries.filter((entry): entry is [string, Machine] => "kind" in entry[1])),
    backups: Object.fromEntries(
      Array.from({ length: jobs }, (_, index) => [`job-${index}`, jobOf(names, index % 2 === 0 ? "nas" : "hetzner")]),
    ),
  };
}

function networksOf(): Inventory["networks"] {
  const zoneOf = (name: string) =>
    name.startsWith("dmz") ? ("dmz" as const) : name === "management" ? name : ("internal" as const);
  return Object.fromEntries(
    networkNames.map((name, index) => {
      const third = name === "management" ? 10 : 20 + index;
      const [subnet, gateway] = [`10.${third}.0.0/24`, `10.${third}.0.1`];
      return [name, { vlan: third, subnet, gateway, dns: [gateway], zone: zoneOf(name), bridge: "vmbr0" }];
    }),
  );
}

function nodeOf({ model, cpu, disk, pools, mirrored }: Draft["nodes"][number], index: number) {
  const node = find(shipped.nodes, "pve-01");
  const redundancy = { kind: "none" as const, reason: "", coveredBy: ["daily"] };
  const poolNames = ["rpool", "fast", "slow", "cold"].slice(0, pools);
  return {
    ...node,
    model,
    address: `10.10.0.${11 + index}`,
    cpu: { ...node.cpu, model: cpu },
    disks: {
      one: { id: "/dev/disk/by-id/one", model: disk, size: 1e12 },
      two: { id: "/dev/disk/by-id/two", model: "Two", size: 1e12 },
    },
    pools: Object.fromEntries(
      poolNames.map((name) => [
        name,
        {
          ...find(node.pools, "rpool"),
          layout: mirrored ? ("mirror" as const) : ("striped" as const),
          disks: ["one", "two"],
          redundancy: mirrored ? { kind: "mirror" as const } : redundancy,
        },
      ]),
    ),
  };
}

function guestOf(
  { name, kind, network, node, backends }: Draft["guests"][number],
  index: number,
  nodes: readonly string[],
  all: Draft["guests"],
): Container | Machine {
  const third = network === "management" ? 10 : 20 + networkNames.indexOf(network);
  const where = { node: nodes[node % nodes.length] ?? "", network, address: `10.${third}.0.${100 + index}` };
  const service = { protocol: "https" as const, port: 443 };
  if (kind === "container") return { ...find(shipped.containers, "prometheus"), ...where, service };
  const { firewall: _, ...machine } = find(shipped.machines, kind);
  if (kind !== "traefik-dmz") return { ...machine, ...where, service };
  const behind = backends.flatMap((other) => all[other]?.name ?? []).filter((other) => other !== name);
  return { ...machine, ...where, service, firewall: { publish: [80, 443], backends: behind, internet: [] } };
}

function jobOf(nodes: readonly string[], storage: string): Inventory["backups"][string] {
  return {
    ...find(shipped.backups, "daily"),
    storage,
    schedule: Object.fromEntries(nodes.map((node, index) => [node, `mon..fri 0${index}:15`])),
  };
}

function withoutNodes(): Inventory["storage"] {
  return Object.fromEntries(Object.entries(shipped.storage).map(([name, { nodes: _, ...entry }]) => [name, entry]));
}

function find<T>(record: Readonly<Record<string, T>>, name: string): T {
  const value = record[name];
  if (value === undefined) throw new Error(`The shipped inventory has no "${name}".`);
  return value;
}
