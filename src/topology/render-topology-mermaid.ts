import type { HomelabPlan } from "../plan/plan.ts";
import type { DrawnNode } from "./drawn-node.ts";
import { renderGib } from "./size-text.ts";
import { describeTopology, type DrawnGuest, type DrawnNetwork, type Topology } from "./topology.ts";

/** IDs of Mermaid: letters and digits, and none of them twice. */
type Ids = (kind: string, ...names: readonly string[]) => string;

const styles = [
  "classDef container stroke:#0f8378,stroke-width:2px",
  "classDef machine stroke:#7d4fd3,stroke-width:2px",
  "classDef talos stroke:#bf3989,stroke-width:2px",
  "classDef exposed stroke:#cf222e,stroke-width:3px",
  "classDef dmz fill:#cf222e22,stroke:#cf222e,stroke-width:2px,stroke-dasharray:8 4",
];

/** Draws the homelab as a flowchart of Mermaid, which can be read as text and changed by hand. */
export function renderTopologyMermaid(plan: HomelabPlan): string {
  const topology = describeTopology(plan);
  const idOf = makeIds();
  const { nodes, guests } = topology;
  const lines = [
    "flowchart TB",
    ...indent(guests.some(({ published }) => published.length > 0) ? [`${idOf("internet")}(("Internet"))`] : []),
    ...indent(nodes.flatMap((node) => renderNode(node, topology, idOf))),
    ...indent(renderTargets(topology, idOf)),
    ...indent(guests.flatMap((guest) => renderAccess(guest, idOf))),
    ...indent(renderBackups(topology, idOf)),
    ...indent(styles),
  ];
  return `${lines.join("\n")}\n`;
}

function renderNode(node: DrawnNode, { networks, guests }: Topology, idOf: Ids): string[] {
  const { name, model, address, cpuModel, cpu, memoryMib, pools } = node;
  const own = guests.filter((guest) => guest.node === name);
  return [
    `subgraph ${idOf("node", name)}["${label([`${name} · ${model} · ${address}`])}"]`,
    ...indent([
      "direction TB",
      ...networks.flatMap((network) => renderNetwork(network, node, own, idOf)),
      `${idOf("hardware", name)}["${label([cpuModel, cpu, `${renderGib(memoryMib)} GiB of memory`])}"]`,
      ...pools.map(
        (pool) =>
          `${idOf("pool", name, pool.name)}[("${label([`${pool.name} · ${pool.layout}`, ...pool.disks, pool.redundancy])}")]`,
      ),
    ]),
    "end",
  ];
}

function renderNetwork(network: DrawnNetwork, { name }: DrawnNode, guests: readonly DrawnGuest[], idOf: Ids): string[] {
  const own = guests.filter((guest) => guest.network === network.name);
  if (own.length === 0) return [];
  const id = idOf("network", name, network.name);
  return [
    `subgraph ${id}["${label([`${network.name} · VLAN ${network.vlan} · ${network.subnet}`])}"]`,
    ...indent(own.map((guest) => `${idOf("guest", guest.name)}${renderGuest(guest)}:::${classOf(guest)}`)),
    "end",
    ...(network.zone === "dmz" ? [`class ${id} dmz`] : []),
  ];
}

function renderGuest({ name, kind, address, role, compute, disks }: DrawnGuest): string {
  const kinds = { container: "container", machine: "virtual machine", talos: "Talos" } as const;
  const text = label([name, address, role === undefined ? kinds[kind] : `${kinds[kind]}, ${role}`, compute, disks]);
  return kind === "talos" ? `{{"${text}"}}` : kind === "machine" ? `["${text}"]` : `("${text}")`;
}

function classOf({ kind, published }: DrawnGuest): string {
  return published.length > 0 ? "exposed" : kind;
}

function renderTargets({ targets }: Topology, idOf: Ids): string[] {
  return targets.map(({ name, location, place, jobs }) => {
    const kept = jobs.map((job) => `${job.name}: keeps ${job.keeps}`);
    return `${idOf("target", name)}[("${label([`${name} · ${place}`, location, ...kept])}")]`;
  });
}

function renderAccess({ name, published, backends }: DrawnGuest, idOf: Ids): string[] {
  return [
    ...(published.length === 0
      ? []
      : [`${idOf("internet")} ==>|"${label([published.join(", ")])}"| ${idOf("guest", name)}`]),
    ...backends.map(({ guest, port }) => `${idOf("guest", name)} -->|"${label([port])}"| ${idOf("guest", guest)}`),
  ];
}

function renderBackups({ nodes }: Topology, idOf: Ids): string[] {
  return nodes.flatMap(({ name, schedules }) =>
    schedules.map(
      ({ job, time, storage }) =>
        `${idOf("node", name)} -.->|"${label([`${job} ${time}`])}"| ${idOf("target", storage)}`,
    ),
  );
}

function makeIds(): Ids {
  const ids = new Map<string, string>();
  return (kind, ...names) => {
    const key = JSON.stringify([kind, ...names]);
    const known = ids.get(key);
    if (known !== undefined) return known;
    const wanted = [kind, ...names].join("_").replace(/[^a-zA-Z0-9]+/g, "_");
    // Names that differ in other characters only get a number.
    const taken = [...ids.values()].filter((id) => id === wanted || id.startsWith(`${wanted}__`)).length;
    const id = taken === 0 ? wanted : `${wanted}__${taken}`;
    ids.set(key, id);
    return id;
  };
}

/** Lines of a label, safe between quotes: what Mermaid or HTML would read as syntax becomes an entity. */
function label(lines: readonly string[]): string {
  return lines
    .map((line) =>
      line.replace(/\s/gu, " ").replace(/[#&<>"`|\\]/gu, (character) => `#${character.codePointAt(0) ?? 0};`),
    )
    .join("<br/>");
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
