import type { Inventory } from "../inventory/inventory.ts";
import type { DriftPolicy } from "../inventory/on-drift.ts";
import { sortedEntries } from "./sorted.ts";

/** What becomes of drift, by the path of the inventory's entry: `containers.grafana`, `nodes.pve-01.pools.fast`. */
export type DriftPolicies = Readonly<Record<string, DriftPolicy>>;

type Entries = Readonly<Record<string, { readonly onDrift?: DriftPolicy | undefined }>>;
type Policy = readonly [path: string, policy: DriftPolicy];

/** Decides what becomes of drift wherever it is not just told; what is within an entry goes by it, unless it has a word of its own. */
export function planDriftPolicies(inventory: Inventory): DriftPolicies {
  const { nodes, storage, images, containers, machines, backups, services } = inventory;
  const policies = [
    ...policiesOf("nodes", nodes),
    ...sortedEntries(nodes).flatMap(([name, { pools, bridges, onDrift }]) => [
      ...policiesOf(`nodes.${name}.pools`, pools, onDrift),
      ...policiesOf(`nodes.${name}.bridges`, bridges, onDrift),
    ]),
    ...policiesOf("storage", storage),
    ...policiesOf("images", images),
    ...policiesOf("containers", containers),
    ...policiesOf("machines", machines),
    ...policiesOf("backups", backups),
    ...(services.influxdb === undefined ? [] : policiesOf("services", { influxdb: services.influxdb })),
  ];
  return Object.fromEntries(policies.filter(([, policy]) => policy !== "report"));
}

function policiesOf(path: string, entries: Entries, outer: DriftPolicy = "report"): Policy[] {
  return sortedEntries(entries).map(([name, { onDrift = outer }]) => [`${path}.${name}`, onDrift]);
}
