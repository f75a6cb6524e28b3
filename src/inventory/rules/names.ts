import type { Inventory } from "../inventory.ts";
import { suggestName } from "../suggest-name.ts";
import { placedGuests, placedVolumes, type RuleIssue } from "./rule.ts";

/** Every name that stands for something elsewhere in the inventory stands for something that is there. */
export function checkNames(inventory: Inventory): RuleIssue[] {
  return [
    ...guestNames(inventory),
    ...imageKinds(inventory),
    ...backendNames(inventory),
    ...nodeNames(inventory),
    ...storageNames(inventory),
    ...backupNames(inventory),
  ];
}

interface Reference {
  readonly path: readonly (string | number)[];
  readonly at?: "key";
  readonly what: string;
  readonly name: string;
  /** Where it has to be: `nodes.yaml`. */
  readonly where: string;
  readonly known: Readonly<Record<string, unknown>> | readonly string[];
}

function unknown({ path, at, what, name, where, known }: Reference): RuleIssue[] {
  const names = Array.isArray(known) ? (known as readonly string[]) : Object.keys(known);
  if (names.includes(name)) return [];
  const problem = `There is no ${what} "${name}" in ${where}.`;
  return [{ path, ...(at === undefined ? {} : { at }), problem, remedy: suggestName(name, names) }];
}

function guestNames(inventory: Inventory): RuleIssue[] {
  const { nodes, networks, images, storage } = inventory;
  return placedGuests(inventory).flatMap((placed) => {
    const { path, guest } = placed;
    const at = (key: "image" | "network" | "node") => ({ path: [...path, key], what: key, name: guest[key] });
    return [
      ...unknown({ ...at("node"), where: "nodes.yaml", known: nodes }),
      ...unknown({ ...at("network"), where: "networks.yaml", known: networks }),
      ...unknown({ ...at("image"), where: "images.yaml", known: images }),
      ...placedVolumes(placed).flatMap((volume) =>
        unknown({
          path: volume.path,
          what: "storage",
          name: volume.storage,
          where: "storage.yaml",
          known: storage,
        }),
      ),
    ];
  });
}

function imageKinds(inventory: Inventory): RuleIssue[] {
  return placedGuests(inventory).flatMap(({ path, kind, guest }) => {
    const image = inventory.images[guest.image];
    const wanted =
      kind === "container"
        ? "containerTemplate"
        : guest.kind === "talos"
          ? ("talos" as const)
          : ("cloudImage" as const);
    if (image === undefined || image.kind === wanted) return [];
    const fitting = Object.keys(inventory.images).filter((name) => inventory.images[name]?.kind === wanted);
    const remedy =
      fitting.length === 0 ? `Add one of kind ${wanted} to images.yaml.` : `Choose ${fitting.join(" or ")}.`;
    const problem = `images.${guest.image} is of kind ${image.kind}, and this is made from one of kind ${wanted}.`;
    return [{ path: [...path, "image"], problem, remedy }];
  });
}

function backendNames(inventory: Inventory): RuleIssue[] {
  const { containers, machines } = inventory;
  const guests = { ...containers, ...machines };
  return placedGuests(inventory).flatMap(({ path, guest }) =>
    (guest.firewall?.backends ?? []).flatMap((name, index) => {
      const place = [...path, "firewall", "backends", index];
      const where = "containers.yaml or machines.yaml";
      const backend = guests[name];
      if (backend === undefined) return unknown({ path: place, what: "guest", name, where, known: guests });
      if (backend.service !== undefined) return [];
      const remedy = `Give ${name} a service with protocol and port.`;
      return [{ path: place, problem: `${name} has no service that could be reached.`, remedy }];
    }),
  );
}

function nodeNames({ nodes, networks, backups }: Inventory): RuleIssue[] {
  return Object.entries(nodes).flatMap(([node, { bridges, interfaces, pools, disks }]) => [
    ...Object.entries(bridges).flatMap(([bridge, { ports }]) =>
      ports.flatMap((name, index) =>
        unknown({
          path: ["nodes", node, "bridges", bridge, "ports", index],
          what: "interface",
          name,
          where: `nodes.${node}.interfaces`,
          known: interfaces,
        }),
      ),
    ),
    ...Object.entries(pools).flatMap(([pool, { disks: own, redundancy }]) => [
      ...own.flatMap((name, index) =>
        unknown({
          path: ["nodes", node, "pools", pool, "disks", index],
          what: "disk",
          name,
          where: `nodes.${node}.disks`,
          known: disks,
        }),
      ),
      ...(redundancy.kind === "mirror" ? [] : redundancy.coveredBy).flatMap((name, index) =>
        unknown({
          path: ["nodes", node, "pools", pool, "redundancy", "coveredBy", index],
          what: "job",
          name,
          where: "backups.yaml",
          known: backups,
        }),
      ),
    ]),
    ...missingBridges(node, bridges, networks),
  ]);
}

function missingBridges(
  node: string,
  bridges: Inventory["nodes"][string]["bridges"],
  networks: Inventory["networks"],
): RuleIssue[] {
  return Object.entries(networks).flatMap(([name, { bridge }]) => {
    const path = ["networks", name, "bridge"];
    const found = bridges[bridge];
    if (found === undefined)
      return unknown({ path, what: "bridge", name: bridge, where: `nodes.${node}.bridges`, known: bridges });
    if (found.vlanAware) return [];
    const remedy = `Set nodes.${node}.bridges.${bridge}.vlanAware to true, or name a bridge that is.`;
    return [
      { path, problem: `The bridge ${bridge} of ${node} does not know VLANs, and every network is one.`, remedy },
    ];
  });
}

function storageNames({ storage, images, nodes }: Inventory): RuleIssue[] {
  return [
    ...Object.entries(storage).flatMap(([id, { nodes: own = [] }]) =>
      own.flatMap((name, index) =>
        unknown({ path: ["storage", id, "nodes", index], what: "node", name, where: "nodes.yaml", known: nodes }),
      ),
    ),
    ...Object.entries(images).flatMap(([image, { storage: name }]) =>
      unknown({ path: ["images", image, "storage"], what: "storage", name, where: "storage.yaml", known: storage }),
    ),
  ];
}

function backupNames({ backups, storage, nodes, containers, machines }: Inventory): RuleIssue[] {
  return Object.entries(backups).flatMap(([job, { storage: id, schedule, exclude }]) => [
    ...unknown({ path: ["backups", job, "storage"], what: "storage", name: id, where: "storage.yaml", known: storage }),
    ...Object.keys(schedule).flatMap((name) =>
      unknown({
        path: ["backups", job, "schedule", name],
        at: "key",
        what: "node",
        name,
        where: "nodes.yaml",
        known: nodes,
      }),
    ),
    ...Object.keys(exclude).flatMap((name) =>
      unknown({
        path: ["backups", job, "exclude", name],
        at: "key",
        what: "guest",
        name,
        where: "containers.yaml or machines.yaml",
        known: { ...containers, ...machines },
      }),
    ),
  ]);
}
