import { afterAll, describe, expect } from "vitest";
import { checkCluster } from "../../src/doctor/check-cluster.ts";
import { closeShared, named, shipped, test } from "./doctor-test.ts";

afterAll(closeShared);

const status = [
  { type: "cluster" as const, name: "homelab", quorate: true },
  { type: "node" as const, name: "pve-01", ip: "10.10.0.11", online: true },
  { type: "node" as const, name: "pve-02", ip: "10.10.0.12", online: true },
];

test("a fresh cluster is fine but for what nobody has set up: nothing stands in the way", async ({ findings }) => {
  const open = (await findings()).filter((finding) => finding.status !== "ok");
  expect(open.map(({ status: how, subject }) => `${how} ${subject}`)).toEqual([
    "warning privileges: least",
    "warning SSH to pve-01",
    "warning SSH to pve-02",
  ]);
});

describe("cluster", () => {
  test("has its quorum", async ({ findingOn }) => {
    expect(await findingOn("cluster")).toEqual({
      status: "ok",
      subject: "cluster",
      text: "The cluster homelab has its quorum.",
    });
  });

  test("without a quorum nothing can be changed", () => {
    const without = status.map((entry) => (entry.type === "cluster" ? { ...entry, quorate: false } : entry));
    expect(checkCluster(shipped.nodes, without)[0]).toEqual({
      status: "problem",
      subject: "cluster",
      text: "The cluster homelab has no quorum: nothing can be changed.",
      remedy: "Start the nodes that are down; see who is missing with:\n  pvecm status",
    });
  });

  test("two nodes have to be in one; a single node need not", () => {
    const alone = status.filter((entry) => entry.type === "node").slice(0, 1);
    expect(checkCluster(shipped.nodes, alone)[0]).toEqual({
      status: "problem",
      subject: "cluster",
      text: "pve-01 and pve-02 are to be one cluster, and the node that answers is in none.",
      remedy: "Make it on the first node, and let the others join:\n  pvecm create homelab\n  pvecm add 10.10.0.11",
    });
    expect(checkCluster(shipped.nodes.slice(0, 1), alone)).toEqual([
      { status: "ok", subject: "cluster", text: "The node stands alone." },
      { status: "ok", subject: "node pve-01", text: "It is online at 10.10.0.11." },
    ]);
  });
});

describe("nodes", () => {
  test("one that is off is found, and what is on it is not looked at", async ({ simulator, findings }) => {
    simulator.change(({ nodes }) => {
      if (nodes["pve-02"] !== undefined) nodes["pve-02"].off = true;
    });
    const found = await findings();
    expect(found).toContainEqual({
      status: "problem",
      subject: "node pve-02",
      text: "It is offline.",
      remedy: "Start it, and look at its network cable.",
    });
    expect(found.map(({ subject }) => subject)).not.toContain("pool rpool of pve-02");
    expect(found.map(({ subject }) => subject)).toContain("pool rpool of pve-01");
  });

  test("one that is not in the cluster is found, with those that are", async ({ findingOn }) => {
    const [first, second] = shipped.nodes;
    if (first === undefined || second === undefined) throw new Error("The shipped inventory has two nodes.");
    const plan = { ...shipped, nodes: [first, { ...second, name: "pve-2" }] };
    expect(await findingOn("node pve-2", { plan })).toEqual({
      status: "problem",
      subject: "node pve-2",
      text: "It is not in the cluster, which has pve-01 and pve-02.",
      remedy:
        "Write its name in config/homelab/nodes.yaml as the node itself has it, or let it join:\n  pvecm add 10.10.0.12",
    });
    expect(await findingOn("node pve-02", { plan })).toEqual({
      status: "warning",
      subject: "node pve-02",
      text: "It is in the cluster, but not in the inventory: nothing is put there, and nothing there is backed up.",
      remedy: "Describe it in config/homelab/nodes.yaml if it is to take part.",
    });
  });

  test("one at another address than the inventory's is found", () => {
    const moved = status.map((entry) => (entry.name === "pve-02" ? { ...entry, ip: "10.10.0.99" } : entry));
    expect(checkCluster([named(shipped.nodes, "pve-02")], moved)).toContainEqual({
      status: "warning",
      subject: "node pve-02",
      text: "It has the address 10.10.0.99, not 10.10.0.12 as the inventory says.",
      remedy: "Correct nodes.pve-02.address in config/homelab/nodes.yaml.",
    });
  });
});

describe("memory", () => {
  test("is counted with ZFS's cache, and guests of others that run", async ({ simulator, findingOn }) => {
    expect(await findingOn("memory of pve-02")).toEqual({
      status: "ok",
      subject: "memory of pve-02",
      text: "21.5 GiB of 32 GiB: 17.5 GiB for 6 guests, up to 4 GiB for ZFS.",
    });
    const template = "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst";
    await simulator.request("POST", "/nodes/pve-02/lxc", {
      vmid: "100",
      hostname: "legacy",
      ostemplate: template,
      rootfs: "local-zfs:8",
      memory: "16384",
      start: "1",
    });
    expect(await findingOn("memory of pve-02")).toEqual({
      status: "warning",
      subject: "memory of pve-02",
      text: "It has 32 GiB, and 37.5 GiB are promised: 17.5 GiB for 6 guests, 16 GiB for 1 guest of others, up to 4 GiB for ZFS.",
      remedy:
        "Give guests less memory or put some on another node; when all of them take what they may, the kernel ends one.",
    });
  });
});

describe("VMIDs", () => {
  const grafana = named(shipped.containers, "grafana");
  const occupy = {
    vmid: String(grafana.vmid),
    hostname: "legacy",
    ostemplate: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
    rootfs: "local-zfs:8",
  };

  test("are free on a fresh cluster", async ({ findingOn }) => {
    expect(await findingOn("VMIDs")).toEqual({ status: "ok", subject: "VMIDs", text: "13 VMIDs are free." });
  });

  test("one that belongs to another guest is a problem", async ({ simulator, findings }) => {
    await simulator.request("POST", "/nodes/pve-02/lxc", occupy);
    const found = await findings();
    expect(found).toContainEqual({
      status: "problem",
      subject: `VMID ${grafana.vmid}`,
      text: "It is meant for grafana, and belongs to the container legacy on pve-02.",
      remedy: "Give grafana another address or a vmid of its own in config/homelab/, or remove the other guest.",
    });
    expect(found).toContainEqual({ status: "ok", subject: "VMIDs", text: "12 VMIDs are free." });
  });

  test("one of this stack's state is ours", async ({ simulator, target, findings }) => {
    await simulator.request("POST", "/nodes/pve-02/lxc", occupy);
    const managed = { vmids: new Set([grafana.vmid]), storages: new Set<string>(), pools: new Set<string>() };
    const found = await findings({ managed: { ...managed, bridges: new Set() } });
    expect(found).toContainEqual({
      status: "ok",
      subject: "VMIDs",
      text: "12 VMIDs are free, 1 guest is there already.",
    });
    expect(target.managed?.vmids.size).toBe(0);
  });

  test("one with our tag is ours where no state says otherwise, and a lost guest where one does", async ({
    simulator,
    findings,
  }) => {
    await simulator.request("POST", "/nodes/pve-02/lxc", { ...occupy, tags: "homelab" });
    expect(await findings({ managed: undefined })).toContainEqual({
      status: "ok",
      subject: "VMIDs",
      text: "12 VMIDs are free, 1 guest is there already.",
    });
    expect(await findings()).toContainEqual({
      status: "warning",
      subject: `VMID ${grafana.vmid}`,
      text: "It belongs to the container legacy on pve-02, which has the tag homelab but is not in this stack's state: creating grafana would fail.",
      remedy: "Was the state lost? Bring it back, or remove the guest on pve-02 if nothing in it is worth keeping.",
    });
  });
});
