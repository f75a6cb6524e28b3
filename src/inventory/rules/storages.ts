import type { Inventory } from "../inventory.ts";
import type { Storage } from "../storage.ts";
import { placedGuests, placedVolumes, type RuleIssue } from "./rule.ts";

/** Pools are what their disks allow, and storages are where they are used, for what they are used. */
export function checkStorages(inventory: Inventory): RuleIssue[] {
  return [
    ...poolLayouts(inventory),
    ...poolsOfStorages(inventory),
    ...guestVolumes(inventory),
    ...imageStorages(inventory),
    ...backupStorages(inventory),
  ];
}

function poolLayouts({ nodes }: Inventory): RuleIssue[] {
  return Object.entries(nodes).flatMap(([node, { pools }]) =>
    Object.entries(pools).flatMap(([pool, { origin, layout, disks, redundancy }]) => {
      const path = ["nodes", node, "pools", pool];
      const fitting = layout === "individual" ? disks.length === 1 : disks.length > 1;
      const count = fitting
        ? []
        : [
            {
              path: [...path, "layout"],
              problem: `The layout ${layout} does not fit ${disks.length === 1 ? "one disk" : `${disks.length} disks`}.`,
              remedy: "Write individual for one disk, striped or mirror for several.",
            },
          ];
      const claimed = layout === "mirror" ? "mirror" : "none";
      const claim =
        redundancy.kind === claimed
          ? []
          : [
              {
                path: [...path, "redundancy", "kind"],
                problem: `A pool with layout ${layout} has ${claimed === "none" ? "no redundancy" : "a mirror's redundancy"}.`,
                remedy: claimed === "none" ? "Write none, with reason and coveredBy." : "Write mirror.",
              },
            ];
      const creation =
        origin === "create" && layout === "striped"
          ? [
              {
                path: [...path, "layout"],
                problem: "Proxmox VE creates no striped pool.",
                remedy: "Create it on the node (zpool create), and write origin: installer; or write mirror.",
              },
            ]
          : [];
      return [...count, ...claim, ...creation];
    }),
  );
}

function poolsOfStorages({ nodes, storage }: Inventory): RuleIssue[] {
  return Object.entries(storage).flatMap(([id, own]) => {
    if (own.type !== "zfspool") return [];
    const [pool = ""] = own.pool.split("/");
    const without = (own.nodes ?? Object.keys(nodes)).filter(
      (name) => nodes[name] && !Object.hasOwn(nodes[name].pools, pool),
    );
    return without.map((name) => ({
      path: ["storage", id, "pool"],
      problem: `${name} has no pool "${pool}".`,
      remedy: `Add it to nodes.${name}.pools, or list the nodes that have it in storage.${id}.nodes.`,
    }));
  });
}

function guestVolumes(inventory: Inventory): RuleIssue[] {
  return placedGuests(inventory).flatMap((placed) => {
    const content = placed.kind === "container" ? "rootdir" : "images";
    return placedVolumes(placed).flatMap(({ path, storage }) =>
      usable({ path, id: storage, node: placed.guest.node, content }, inventory),
    );
  });
}

function imageStorages(inventory: Inventory): RuleIssue[] {
  const users = placedGuests(inventory);
  return Object.entries(inventory.images).flatMap(([key, { kind, storage }]) => {
    const path = ["images", key, "storage"];
    const content = kind === "containerTemplate" ? ["vztmpl"] : ["import", "snippets"];
    const nodes = new Set(users.filter(({ guest }) => guest.image === key).map(({ guest }) => guest.node));
    return [
      ...content.flatMap((each) => holds({ path, id: storage, content: each }, inventory)),
      ...[...nodes].flatMap((node) => reaches({ path, id: storage, node }, inventory)),
    ];
  });
}

function backupStorages(inventory: Inventory): RuleIssue[] {
  return Object.entries(inventory.backups).flatMap(([job, { storage, schedule }]) => {
    const path = ["backups", job, "storage"];
    return [
      ...holds({ path, id: storage, content: "backup" }, inventory),
      ...Object.keys(schedule).flatMap((node) => reaches({ path, id: storage, node }, inventory)),
    ];
  });
}

interface Use {
  readonly path: readonly (string | number)[];
  readonly id: string;
  readonly node: string;
  readonly content: string;
}

function usable(use: Use, inventory: Inventory): RuleIssue[] {
  return [...holds(use, inventory), ...reaches(use, inventory)];
}

function holds({ path, id, content }: Omit<Use, "node">, { storage }: Inventory): RuleIssue[] {
  const own = storage[id];
  const has = (candidate: Storage) => (candidate.content as readonly string[]).includes(content);
  if (own === undefined || has(own)) return [];
  const fitting = Object.keys(storage).filter((name) => storage[name] && has(storage[name]));
  const choice = fitting.length === 0 ? "" : `Choose ${fitting.join(" or ")}, or add`;
  return [
    {
      path,
      problem: `The storage ${id} is not meant for ${content}.`,
      remedy: `${choice === "" ? "Add" : choice} ${content} to storage.${id}.content.`,
    },
  ];
}

function reaches({ path, id, node }: Omit<Use, "content">, { storage, nodes }: Inventory): RuleIssue[] {
  const own = storage[id];
  if (own?.nodes === undefined || own.nodes.includes(node) || nodes[node] === undefined) return [];
  return [
    {
      path,
      problem: `The storage ${id} is not on ${node}, only on ${own.nodes.join(", ")}.`,
      remedy: `Choose one that is on ${node}, or add it to storage.${id}.nodes.`,
    },
  ];
}
