import { describe, expect, test } from "vitest";
import { checkOrigins, newPlaces } from "../../src/edits/check-origins.ts";
import { checkRemovedBridges, type RemovedBridgeFacts } from "../../src/edits/check-removed-bridges.ts";
import { checkUserData } from "../../src/edits/check-user-data.ts";
import { noteBridges } from "../../src/edits/note-bridges.ts";
import { noteReleases, releaseOrigins } from "../../src/edits/release-origins.ts";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { planHomelab } from "../../src/plan/plan.ts";
import { resolved } from "../../src/plan/resolved.ts";
import type { Built } from "../../src/state/built.ts";
import { buildOf, shipped } from "./edited-homelab.ts";

/** With a bridge that is ours. */
const inventory = structuredClone(shipped);
const vmbr1 = { origin: "create" as const, ports: ["enp2s0"], vlanAware: true, onDrift: undefined };
Object.assign(inventory.nodes["pve-01"]?.bridges ?? {}, { vmbr1 });
const built = buildOf(inventory);

function edited(edit: (inventory: Inventory) => void) {
  const copy = structuredClone(inventory);
  edit(copy);
  return planHomelab(copy);
}
const bridgesOf = ({ nodes }: ReturnType<typeof planHomelab>) => nodes.flatMap(({ bridges }) => bridges);
const pve01 = (of: Inventory) => resolved(of.nodes, "pve-01");

describe("what is there already and not in the state is not created", () => {
  const empty: Built = { ...built, storages: [], pools: [], bridges: [] };
  const plan = planHomelab(inventory);

  test.each([
    ["a storage", { storages: ["nas"] }, "storage.nas.origin", "There is a storage nas already"],
    ["a bridge", { bridges: new Map([["pve-01", ["vmbr1"]]]) }, "nodes.pve-01.bridges.vmbr1.origin", "a bridge vmbr1"],
  ])("%s", (_title, existing, at, problem) => {
    const none = { storages: [], bridges: new Map() };
    const refused = checkOrigins(newPlaces(plan, empty), { ...none, ...existing });
    expect(refused.map(({ path }) => path.join("."))).toEqual([at]);
    expect(refused[0]?.problem).toContain(problem);
    expect(refused[0]?.remedy).toContain("npm run adopt");
  });

  test("nothing is new once it is in the state", () => {
    expect(newPlaces(plan, built)).toEqual({ storages: [], bridges: [] });
    expect(newPlaces(plan, empty)).toMatchObject({
      storages: [{ name: "fast" }, { name: "hetzner" }, { name: "homelab" }, { name: "nas" }],
      bridges: [{ bridge: "vmbr1" }],
    });
  });
});

describe("what was ours and is the installer's now is let go of", () => {
  const release = (copy: Inventory) => {
    Object.assign(copy.storage["nas"] ?? {}, { origin: "installer" });
    Object.assign(pve01(copy).bridges["vmbr1"] ?? {}, { origin: "installer" });
  };
  const originsOf = (plan: ReturnType<typeof planHomelab>) =>
    Object.fromEntries([
      ...plan.storages.map(({ name, origin }) => [name, origin] as const),
      ...plan.nodes.flatMap(({ bridges }) => bridges.map(({ name, origin }) => [name, origin] as const)),
    ]);

  test("nothing changes while it is ours", () => {
    const plan = planHomelab(inventory);
    expect(releaseOrigins(plan, built)).toEqual(plan);
    expect(noteReleases(plan, built)).toEqual([]);
  });

  test("the first run lets go, the second forgets", () => {
    const first = releaseOrigins(edited(release), built);
    expect(originsOf(first)).toMatchObject({
      nas: "release",
      "pve-01-vmbr1": "release",
      local: "installer",
    });
    expect(noteReleases(first, built)).toEqual([
      "The stack lets go of the storage nas: it stays as it is, and the next run forgets it.",
      "The stack lets go of the bridge vmbr1 of pve-01: it stays as it is, and the next run forgets it.",
    ]);
    const markAll = <T>(places: readonly T[]) => places.map((place) => ({ ...place, released: true }));
    const after = {
      ...built,
      storages: markAll(built.storages),
      bridges: markAll(built.bridges),
    };
    const second = releaseOrigins(edited(release), after);
    expect(originsOf(second)).toMatchObject({
      nas: "installer",
      "pve-01-vmbr1": "installer",
    });
    expect(noteReleases(second, after)).toContain(
      "The state forgets the storage nas: nothing is deleted, it stays as it is.",
    );
    expect(originsOf(releaseOrigins(planHomelab(inventory), after))).toMatchObject({ nas: "create" });
  });
});

describe("a bridge that leaves the inventory", () => {
  const without = bridgesOf(edited((copy) => Reflect.deleteProperty(pve01(copy).bridges, "vmbr1")));
  const facts: RemovedBridgeFacts = { bridges: without, built, interfaces: new Map(), others: [] };
  const stranger = { vmid: 900, node: "pve-01", name: "windows", type: "qemu", maxmem: 0, tags: "" } as const;
  const attached: Built = {
    ...built,
    guests: built.guests.map((guest) => ({
      ...guest,
      settings: { ...guest.settings, bridge: guest.name === "grafana" ? "vmbr1" : guest.settings.bridge },
    })),
  };

  test.each<[string, Partial<RemovedBridgeFacts>, string]>([
    ["with a guest of ours", { built: attached }, "grafana is attached to it"],
    [
      "with a guest of others",
      { others: [{ ...stranger, config: { net1: "virtio=BC:24:11:00:00:01,bridge=vmbr1,tag=5" } }] },
      "windows (VMID 900) is attached to it",
    ],
    [
      "with an address of the node on a VLAN of it",
      { interfaces: new Map([["pve-01", [{ iface: "vmbr1.10", cidr: "10.10.0.11/24", gateway: "10.10.0.1" }]]]) },
      "it carries the address 10.10.0.11/24 and the gateway 10.10.0.1 of the node",
    ],
  ])("%s is refused", (_title, more, problem) => {
    expect(checkRemovedBridges({ ...facts, ...more })).toEqual([
      {
        path: ["nodes", "pve-01", "bridges", "vmbr1"],
        problem: expect.stringContaining(problem) as string,
        remedy: expect.stringMatching(/^Put the entry back/) as string,
      },
    ]);
  });

  test("goes if nothing needs it, and a run says so", () => {
    const other = { ...stranger, config: { net0: "virtio=BC:24:11:00:00:01,bridge=vmbr10" } };
    expect(checkRemovedBridges({ ...facts, others: [other] })).toEqual([]);
    expect(noteBridges(without, built)).toEqual(["The bridge vmbr1 is deleted on pve-01; no guest is attached to it."]);
    const released = { ...built, bridges: built.bridges.map((bridge) => ({ ...bridge, released: true })) };
    expect(noteBridges(without, released)).toEqual([]);
  });

  test("and comes back under another name with its ports is refused as a rename", () => {
    const renamed = edited((copy) => {
      Reflect.deleteProperty(pve01(copy).bridges, "vmbr1");
      pve01(copy).bridges["vmbr2"] = vmbr1;
    });
    expect(checkRemovedBridges({ ...facts, bridges: bridgesOf(renamed) })).toMatchObject([
      { path: ["nodes", "pve-01", "bridges", "vmbr2"], remedy: "Keep the key vmbr1." },
    ]);
  });

  test("other ports and VLANs of one that stays are said", () => {
    const changed = edited((copy) =>
      Object.assign(pve01(copy).bridges["vmbr1"] ?? {}, { ports: [], vlanAware: false }),
    );
    expect(noteBridges(bridgesOf(changed), built)).toEqual([
      "The network of pve-01 is reloaded for its bridge vmbr1: guests on it are cut off for a moment. Restart the guests on it: their VLANs are set up when they start.",
    ]);
  });
});

describe("a storage that leaves the inventory with the user data of machines", () => {
  const move = (copy: Inventory) => {
    copy.storage["files"] = { ...structuredClone(copy.storage["homelab"]), path: "/srv/files" } as never;
    for (const image of Object.values(copy.images)) image.storage = "files";
    Reflect.deleteProperty(copy.storage, "homelab");
  };

  test("has npm run up move it first, once the other storage is there", () => {
    const there = { ...built, storages: [...built.storages, { ...built.storages[0], name: "files" } as never] };
    const [first] = checkUserData(edited(move), there);
    expect(first).toMatchObject({
      path: ["storage", "homelab"],
      onNode: { guest: "gitlab", cost: "without a restart" },
    });
    expect(first?.onNode?.commands).toEqual([
      {
        node: "pve-01",
        command:
          'cp "$(pvesm path homelab:snippets/20030-gitlab-user-data.yaml)" "$(pvesm path files:snippets/20030-gitlab-user-data.yaml)" && qm set 20030 --cicustom user=files:snippets/20030-gitlab-user-data.yaml',
      },
    ]);
  });

  test("is refused while the other storage is not there", () => {
    const [first] = checkUserData(edited(move), built);
    expect(first?.onNode).toBeUndefined();
    expect(first?.remedy).toBe("Put the entry back, and run npm run up, which creates files. Then remove the entry.");
  });

  test("and is no matter while the storage stays", () => {
    expect(checkUserData(planHomelab(inventory), built)).toEqual([]);
  });
});
