import { describe, expect, test } from "vitest";
import { checkForgetting } from "../../src/edits/check-forgetting.ts";
import type { PoolOnNode } from "../../src/edits/check-pool-layout.ts";
import { checkPools, doubtfulPools } from "../../src/edits/check-pools.ts";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { planHomelab } from "../../src/plan/plan.ts";
import type { Disk, Vdev } from "../../src/proxmox/answers.ts";
import { buildOf, shipped } from "./edited-homelab.ts";

const tb = 1e12;
const link = (which: string) => `/dev/disk/by-id/nvme-Samsung_SSD_9100_PRO_1TB_S7YANJ0Y9100-${which}`;
const crucial = (which: string) => `/dev/disk/by-id/nvme-CT500P3PSSD8_2344E8850${which}`;
const disk = (devpath: string, id: string): Disk => ({ devpath, by_id_link: id, size: tb });
const disks = {
  "pve-01": [
    ...[disk("/dev/nvme0n1", link("A")), disk("/dev/nvme1n1", link("B"))],
    ...[disk("/dev/nvme2n1", link("C")), disk("/dev/nvme3n1", link("D"))],
  ],
  "pve-02": [
    disk("/dev/nvme0n1", crucial("A")),
    disk("/dev/nvme1n1", crucial("B")),
    disk("/dev/nvme2n1", crucial("C")),
  ],
};

const single = (...names: string[]): Vdev[] => names.map((name) => ({ name }));
const mirror = (...names: string[]): Vdev[] => [{ name: "mirror-0", children: single(...names) }];

/** A pool as its node answers. */
function has(node: keyof typeof disks, vdevs: readonly Vdev[] | undefined): PoolOnNode {
  const pool = { name: "any", state: "ONLINE", children: [{ name: "any", children: [...(vdevs ?? [])] }] };
  return { pool: vdevs === undefined ? undefined : pool, disks: disks[node] };
}

const nodeOf = (inventory: Inventory, name: string) => {
  const found = inventory.nodes[name];
  if (found === undefined) throw new Error(`There is no node ${name}.`);
  return found;
};
const poolOf = (inventory: Inventory, node: string, name: string) => {
  const found = nodeOf(inventory, node).pools[name];
  if (found === undefined) throw new Error(`There is no pool ${name}.`);
  return found;
};
/** Gives `fast` other disks. */
const giveFast = (layout: "individual" | "mirror" | "striped", which: readonly string[]) => (inventory: Inventory) => {
  const own = nodeOf(inventory, "pve-01");
  for (const each of which) own.disks[each] = { id: link(each), model: "Samsung 9100 PRO 1 TB", size: tb };
  Object.assign(poolOf(inventory, "pve-01", "fast"), { layout, disks: [...which] });
};

function refusalsOf(edit: (inventory: Inventory) => void, found: Readonly<Record<string, PoolOnNode>> = {}) {
  const inventory = structuredClone(shipped);
  edit(inventory);
  const facts = { inventory, plan: planHomelab(inventory), built: buildOf(shipped) };
  const refused = checkPools({ ...facts, found: new Map(Object.entries(found)) });
  return refused.map(({ path, problem, remedy }) => ({ at: path.join("."), problem, remedy }));
}

test("what was built is refused nothing, and no node is asked", () => {
  expect(refusalsOf(() => undefined)).toEqual([]);
  expect(doubtfulPools(planHomelab(shipped), buildOf(shipped))).toEqual([]);
});

describe("what can be set on a pool that is there is let through", () => {
  test.each<[string, (inventory: Inventory) => void]>([
    ["compression", (inventory) => (poolOf(inventory, "pve-01", "fast").compression = "zstd")],
    ["compression of the installer's pool", (inventory) => (poolOf(inventory, "pve-02", "rpool").compression = "off")],
    ["autotrim", (inventory) => (poolOf(inventory, "pve-01", "fast").autotrim = false)],
    ["the ratio of what is promised", (inventory) => (poolOf(inventory, "pve-01", "fast").diskRatio = 2)],
  ])("%s", (_title, edit) => {
    expect(refusalsOf(edit)).toEqual([]);
  });
});

describe("disks that the pool on the node has are let through", () => {
  test.each<[string, Parameters<typeof giveFast>, PoolOnNode]>([
    ["one that was replaced", ["individual", ["C"]], has("pve-01", single(`${link("C")}-part1`))],
    ["one that the pool has under another name", ["individual", ["C"]], has("pve-01", single("/dev/nvme2n1p1"))],
    ["a mirror that was attached", ["mirror", ["B", "C"]], has("pve-01", mirror(link("B"), link("C")))],
  ])("%s", (_title, [layout, which], found) => {
    expect(refusalsOf(giveFast(layout, which), { "pve-01-fast": found })).toEqual([]);
  });

  test("and what a node could not be asked is not refused: the run says so itself", () => {
    expect(refusalsOf(giveFast("individual", ["C"]))).toEqual([]);
  });
});

describe("disks that the pool does not have are refused at their line, with the command", () => {
  test.each<[string, Parameters<typeof giveFast>, PoolOnNode, string, string]>([
    [
      "another disk",
      ["individual", ["C"]],
      has("pve-01", single(`${link("B")}-part1`)),
      "nodes.pve-01.disks.C.id",
      `on pve-01: zpool replace fast ${link("B")} ${link("C")}`,
    ],
    [
      "another disk, of a pool whose disk is gone",
      ["mirror", ["B", "C"]],
      has("pve-01", mirror("1234567", `${link("B")}-part1`)),
      "nodes.pve-01.disks.C.id",
      `on pve-01: zpool replace fast 1234567 ${link("C")}`,
    ],
    [
      "two other disks",
      ["mirror", ["C", "D"]],
      has("pve-01", mirror("/dev/nvme0n1p1", "/dev/nvme1n1p1")),
      "nodes.pve-01.disks.C.id",
      `on pve-01: zpool replace fast /dev/nvme0n1 ${link("C")}\n  on pve-01: zpool replace fast /dev/nvme1n1 ${link("D")}`,
    ],
    [
      "a mirror of what has one disk",
      ["mirror", ["B", "C"]],
      has("pve-01", single(`${link("B")}-part1`)),
      "nodes.pve-01.disks.C.id",
      `on pve-01: zpool attach fast ${link("B")} ${link("C")}`,
    ],
    [
      "one disk of a mirror",
      ["individual", ["C"]],
      has("pve-01", mirror(`${link("B")}-part1`, `${link("C")}-part1`)),
      "nodes.pve-01.pools.fast.disks",
      `on pve-01: zpool detach fast ${link("B")}`,
    ],
    [
      "a disk that is not in the node",
      ["individual", ["E"]],
      has("pve-01", single(`${link("B")}-part1`)),
      "nodes.pve-01.disks.E.id",
      `Write one that is there: ${link("A")}, ${link("B")}, ${link("C")}, ${link("D")}.`,
    ],
    [
      "stripes",
      ["striped", ["B", "C"]],
      has("pve-01", single(`${link("B")}-part1`)),
      "nodes.pve-01.pools.fast.layout",
      "Another layout needs a new pool",
    ],
    [
      "a disk while ZFS still copies to it",
      ["individual", ["C"]],
      has("pve-01", [{ name: "replacing-0", children: single(link("B"), link("C")) }]),
      "nodes.pve-01.pools.fast.disks",
      "Wait until it has ended, then run this again: zpool status fast",
    ],
    [
      "a disk of a pool that is gone",
      ["individual", ["C"]],
      has("pve-01", undefined),
      "nodes.pve-01.pools.fast.disks",
      "npm run up -- --forget pve-01-fast",
    ],
  ])("%s", (_title, [layout, which], found, at, remedy) => {
    const refused = refusalsOf(giveFast(layout, which), { "pve-01-fast": found });
    expect(refused).toMatchObject([{ at, remedy: expect.stringContaining(remedy) as string }]);
  });

  test("of the pool that a node starts from, with the page that says how", () => {
    const edit = (inventory: Inventory) => {
      Object.assign(nodeOf(inventory, "pve-02").disks["second"] ?? {}, { id: crucial("C") });
    };
    const rpool = has("pve-02", mirror(`${crucial("A")}-part3`, `${crucial("B")}-part3`));
    expect(refusalsOf(edit, { "pve-02-rpool": rpool })).toMatchObject([
      {
        at: "nodes.pve-02.disks.second.id",
        remedy: expect.stringContaining("#sysadmin_zfs_change_failed_dev") as string,
      },
    ]);
  });
});

describe("what is decided when a pool is created is refused at its line", () => {
  test.each<[string, (inventory: Inventory) => void, string, string]>([
    [
      "ashift",
      (inventory) => (poolOf(inventory, "pve-01", "fast").ashift = 13),
      "nodes.pve-01.pools.fast.ashift",
      "Write ashift: 12 again.",
    ],
    [
      "a pool removed",
      (inventory) => Reflect.deleteProperty(nodeOf(inventory, "pve-01").pools, "fast"),
      "nodes.pve-01.pools.fast",
      "npm run up -- --forget pve-01-fast",
    ],
    [
      "a pool handed over",
      (inventory) => (poolOf(inventory, "pve-01", "fast").origin = "installer"),
      "nodes.pve-01.pools.fast.origin",
      "npm run up -- --forget pve-01-fast",
    ],
    [
      "a pool taken over",
      (inventory) => (poolOf(inventory, "pve-02", "rpool").origin = "create"),
      "nodes.pve-02.pools.rpool.origin",
      "npm run adopt",
    ],
    [
      "a pool renamed",
      (inventory) => {
        const { pools } = nodeOf(inventory, "pve-01");
        pools["quick"] = poolOf(inventory, "pve-01", "fast");
        Reflect.deleteProperty(pools, "fast");
      },
      "nodes.pve-01.pools.quick",
      "Keep the key fast.",
    ],
  ])("%s", (_title, edit, at, remedy) => {
    const refused = refusalsOf(edit, { "pve-02-rpool": has("pve-02", mirror(crucial("A"), crucial("B"))) });
    expect(refused).toMatchObject([{ at, remedy: expect.stringContaining(remedy) as string }]);
    // The engine would advise to lift the protection, and lose the pool.
    expect(JSON.stringify(refused)).not.toContain("protect");
  });
});

describe("--forget", () => {
  const forget = (forgotten: string, existing: readonly string[], edit: (inventory: Inventory) => void) => {
    const inventory = structuredClone(shipped);
    edit(inventory);
    const facts = { plan: planHomelab(inventory), built: buildOf(shipped), forgotten: [forgotten] };
    return checkForgetting({ ...facts, existing: new Map([["pve-01", existing]]) }).map(({ problem }) => problem);
  };
  const without = (inventory: Inventory) => Reflect.deleteProperty(nodeOf(inventory, "pve-01").pools, "fast");

  test("takes a pool that the inventory lacks, and one that is lost", () => {
    expect(forget("pve-01-fast", ["rpool", "fast"], without)).toEqual([]);
    expect(forget("pve-01-fast", ["rpool"], () => undefined)).toEqual([]);
  });

  test("refuses what the state does not have, and what would be created again", () => {
    expect(forget("pve-01-slow", [], without)).toEqual([expect.stringContaining("has created no pool of that name")]);
    expect(forget("pve-01-rpool", [], without)).toEqual([expect.stringContaining("has created no pool of that name")]);
    expect(forget("pve-01-fast", ["rpool", "fast"], () => undefined)).toEqual([
      expect.stringContaining("is in the inventory and on pve-01"),
    ]);
  });
});
