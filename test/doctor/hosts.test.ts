import { afterAll, describe, expect } from "vitest";
import type { ClusterState } from "../../simulator/src/state/cluster.ts";
import type { NodePlan } from "../../src/plan/hosts.ts";
import { closeShared, shipped, test } from "./doctor-test.ts";

afterAll(closeShared);

const data = "/dev/disk/by-id/nvme-Samsung_SSD_9100_PRO_1TB_S7YANJ0Y9100-B";
const system = "/dev/disk/by-id/nvme-Samsung_SSD_9100_PRO_1TB_S7YANJ0Y9100-A";
const disk = "disk for fast of pve-01";

/** The shipped plan with another first node. */
function withNode(change: (node: NodePlan) => NodePlan) {
  return { ...shipped, nodes: shipped.nodes.map((node) => (node.name === "pve-01" ? change(node) : node)) };
}

function nodeOf(state: ClusterState, name = "pve-01") {
  const node = state.nodes[name];
  if (node === undefined) throw new Error(`There is no ${name}.`);
  return node;
}

describe("disks for a pool", () => {
  test("are there and unused", async ({ findingOn }) => {
    expect(await findingOn(disk)).toEqual({
      status: "ok",
      subject: disk,
      text: "Samsung SSD 9100 PRO 1TB (/dev/nvme1n1) is unused.",
    });
  });

  test("one with something on it is not overwritten", async ({ simulator, findingOn }) => {
    simulator.change((state) => {
      const spare = nodeOf(state).disks["/dev/nvme1n1"];
      if (spare !== undefined) spare.used = "LVM";
    });
    expect(await findingOn(disk)).toEqual({
      status: "problem",
      subject: disk,
      text: `${data} (/dev/nvme1n1) is in use: LVM.`,
      remedy:
        "If nothing on it is worth keeping, wipe it on pve-01:\n  pvesh set /nodes/pve-01/disks/wipedisk --disk /dev/nvme1n1",
    });
  });

  test("one that is failing is not built upon", async ({ simulator, findingOn }) => {
    simulator.incidents.failDisk("pve-01", "/dev/nvme1n1");
    expect(await findingOn(disk)).toEqual({
      status: "problem",
      subject: disk,
      text: `${data} (/dev/nvme1n1) says of itself that it is failing: FAILED.`,
      remedy: "Replace it; see what is wrong on pve-01:\n  smartctl -a /dev/nvme1n1",
    });
  });

  test("one that is not there is named, with those that are", async ({ findingOn }) => {
    const plan = withNode((node) => ({
      ...node,
      pools: node.pools.map((pool) =>
        pool.pool === "fast" ? { ...pool, devices: ["/dev/disk/by-id/nvme-Other_1"] } : pool,
      ),
    }));
    expect(await findingOn(disk, { plan })).toEqual({
      status: "problem",
      subject: disk,
      text: `/dev/disk/by-id/nvme-Other_1 is not there. There are ${system} and ${data}.`,
      remedy: "Correct nodes.pve-01.disks in config/homelab/nodes.yaml.",
    });
  });

  test("are known by any of their links: by serial number or WWN", async ({ findingOn }) => {
    for (const id of ["/dev/disk/by-id/nvme-eui.002538b25100a001", "/dev/disk/by-id/nvme-X_S7YANJ0Y9100-B_1"]) {
      const plan = withNode((node) => ({
        ...node,
        pools: node.pools.map((pool) => (pool.pool === "fast" ? { ...pool, devices: [id] } : pool)),
      }));
      expect(await findingOn(disk, { plan })).toMatchObject({ status: "ok" });
    }
  });
});

describe("the size of a disk", () => {
  const remedy = "Correct its size in nodes.pve-01.disks in config/homelab/nodes.yaml.";

  test("is what is declared for a pool to be made", async ({ simulator, findingOn }) => {
    simulator.change((state) => {
      const { disks } = nodeOf(state);
      const spare = disks["/dev/nvme1n1"];
      if (spare !== undefined) disks["/dev/nvme1n1"] = { ...spare, size: 500_107_862_016 };
    });
    expect(await findingOn(disk)).toEqual({
      status: "warning",
      subject: disk,
      text: `${data} (/dev/nvme1n1) has 500.11 GB, and 1 TB are declared: what fits on the pool was reckoned with those.`,
      remedy,
    });
  });

  test("is what is declared for a pool of the installer", async ({ simulator, findingOn }) => {
    simulator.change((state) => {
      const { disks } = nodeOf(state);
      const first = disks["/dev/nvme0n1"];
      if (first !== undefined) disks["/dev/nvme0n1"] = { ...first, size: 1_920_383_410_176 };
    });
    expect(await findingOn("pool rpool of pve-01")).toEqual({
      status: "warning",
      subject: "pool rpool of pve-01",
      text: `${system} (/dev/nvme0n1) has 1.92 TB, and 1 TB are declared: what fits on the pool was reckoned with those.`,
      remedy,
    });
  });
});

describe("pools", () => {
  const fast = "pool fast of pve-01";
  const create = { name: "fast", raidlevel: "single", devices: "/dev/nvme1n1" };

  test("of the installer are as declared", async ({ findingOn }) => {
    expect(await findingOn("pool rpool of pve-01")).toEqual({
      status: "ok",
      subject: "pool rpool of pve-01",
      text: "It is not redundant on /dev/nvme0n1, as declared.",
    });
    expect(await findingOn("pool rpool of pve-02")).toEqual({
      status: "ok",
      subject: "pool rpool of pve-02",
      text: "It is a mirror on /dev/nvme0n1 and /dev/nvme1n1, as declared.",
    });
  });

  test("one with another layout is found", async ({ simulator, findingOn }) => {
    simulator.change((state) => {
      const { zpools } = nodeOf(state, "pve-02");
      if (zpools["rpool"] !== undefined) zpools["rpool"] = { ...zpools["rpool"], raid: "single" };
    });
    expect(await findingOn("pool rpool of pve-02")).toEqual({
      status: "problem",
      subject: "pool rpool of pve-02",
      text: "It is not redundant on /dev/nvme0n1 and /dev/nvme1n1; declared is that it is a mirror on /dev/nvme0n1 and /dev/nvme1n1.",
      remedy: "Correct nodes.pve-02.pools.rpool and its disks in config/homelab/nodes.yaml.",
    });
  });

  test("one that has lost a disk is as declared, but not well", async ({ simulator, findingOn }) => {
    simulator.incidents.failDisk("pve-02", "/dev/nvme1n1");
    expect(await findingOn("pool rpool of pve-02")).toEqual({
      status: "warning",
      subject: "pool rpool of pve-02",
      text: "It is as declared, but DEGRADED.",
      remedy: "See what is wrong on pve-02:\n  zpool status rpool",
    });
  });

  test("one that the installer should have made is missed", async ({ findingOn }) => {
    const plan = withNode((node) => ({
      ...node,
      pools: node.pools.map((pool) => (pool.pool === "fast" ? { ...pool, origin: "installer" as const } : pool)),
    }));
    expect(await findingOn(fast, { plan })).toEqual({
      status: "problem",
      subject: fast,
      text: "The installer should have made it, and it is not there.",
      remedy: "Correct nodes.pve-01.pools in config/homelab/nodes.yaml, or write origin: create.",
    });
  });

  test("one that is ours is no obstacle, one that is not is", async ({ simulator, target, findingOn }) => {
    await simulator.request("POST", "/nodes/pve-01/disks/zfs", create);
    expect(await findingOn(fast)).toEqual({
      status: "problem",
      subject: fast,
      text: "It exists already, and this stack has not made it: creating it would fail.",
      remedy:
        "If it is to be used as it is, write origin: installer. If nothing in it is worth keeping, on pve-01:\n  zpool destroy fast",
    });
    const ours = { status: "ok", text: "It is not redundant on /dev/nvme1n1, as declared." };
    expect(await findingOn(fast, { managed: undefined })).toMatchObject(ours);
    const { managed } = target;
    if (managed === undefined) throw new Error("The target has a state.");
    expect(await findingOn(fast, { managed: { ...managed, pools: new Set(["pve-01/fast"]) } })).toMatchObject(ours);
  });
});

describe("bridges", () => {
  const bridge = "bridge vmbr0 of pve-01";

  test("is up, and knows VLANs", async ({ findingOn }) => {
    expect(await findingOn(bridge)).toEqual({ status: "ok", subject: bridge, text: "It is up, and knows VLANs." });
  });

  test("one that does not know VLANs would keep nobody apart", async ({ simulator, findingOn }) => {
    simulator.change((state) => {
      const vmbr0 = nodeOf(state).interfaces["vmbr0"] ?? {};
      Reflect.deleteProperty(vmbr0, "bridge_vlan_aware");
    });
    expect(await findingOn(bridge)).toEqual({
      status: "problem",
      subject: bridge,
      text: "It does not know VLANs: guests could not be kept apart.",
      remedy:
        "On pve-01, write under iface vmbr0 in /etc/network/interfaces, and reload:\n  bridge-vlan-aware yes\n  bridge-vids 2-4094\n  ifreload -a",
    });
  });

  test("one with another port is told", async ({ simulator, findingOn }) => {
    simulator.change((state) => {
      const vmbr0 = nodeOf(state).interfaces["vmbr0"];
      if (vmbr0 !== undefined) vmbr0["bridge_ports"] = "enp2s0";
    });
    expect(await findingOn(bridge)).toEqual({
      status: "warning",
      subject: bridge,
      text: "It is attached to enp2s0, not to enp1s0 as the inventory says.",
      remedy: "Correct nodes.pve-01.bridges.vmbr0.ports in config/homelab/nodes.yaml.",
    });
  });

  test("one that the installer should have made is missed; one that is to be made has a free name", async ({
    findingOn,
  }) => {
    const renamed = (origin: "create" | "installer") =>
      withNode((node) => ({ ...node, bridges: node.bridges.map((own) => ({ ...own, bridge: "vmbr7", origin })) }));
    expect(await findingOn("bridge vmbr7 of pve-01", { plan: renamed("installer") })).toEqual({
      status: "problem",
      subject: "bridge vmbr7 of pve-01",
      text: "The installer should have made it, and it is not there.",
      remedy: "Correct nodes.pve-01.bridges in config/homelab/nodes.yaml, or write origin: create.",
    });
    expect(await findingOn("bridge vmbr7 of pve-01", { plan: renamed("create") })).toEqual({
      status: "ok",
      subject: "bridge vmbr7 of pve-01",
      text: "Its name is free.",
    });
  });

  test("one that is to be made and exists is an obstacle, and a card is no bridge", async ({ findingOn }) => {
    const changed = (origin: "create" | "installer", name: string) =>
      withNode((node) => ({ ...node, bridges: node.bridges.map((own) => ({ ...own, bridge: name, origin })) }));
    expect(await findingOn(bridge, { plan: changed("create", "vmbr0") })).toEqual({
      status: "problem",
      subject: bridge,
      text: "It exists already, and this stack has not made it: creating it would fail.",
      remedy: "If it is to be used as it is, write origin: installer.",
    });
    expect(await findingOn("bridge enp2s0 of pve-01", { plan: changed("installer", "enp2s0") })).toEqual({
      status: "problem",
      subject: "bridge enp2s0 of pve-01",
      text: "It is no Linux bridge, but of the type eth.",
      remedy: "Name a Linux bridge.",
    });
  });
});
