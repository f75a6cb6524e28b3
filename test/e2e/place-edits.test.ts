import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { buildSmallHomelab, type SmallHomelab } from "./small-homelab.ts";
import "./skip-checkpoints.ts";

// Edits of what nodes have: bridges and storages, and whether they are ours or the installer's.
let lab: SmallHomelab;

beforeAll(async () => {
  lab = await buildSmallHomelab();
});

afterEach(() => lab.restore());

afterAll(() => lab.close());

const vmbr0 = "vmbr0: { origin: installer, ports: [enp1s0], vlanAware: true }\n    vmbr1";

test("what is there already is not created: all of it is refused at once, and nothing is sent", async () => {
  lab.edit("storage", "origin: installer, pool: rpool/data", "origin: create, pool: rpool/data");
  lab.edit("nodes", vmbr0, vmbr0.replace("installer", "create"));
  const { code, text, writes } = await lab.up();
  expect(text).toContain("There is a storage local-zfs already");
  expect(text).toContain("npm run adopt");
  expect(text).toContain("The bridge vmbr0 of pve-01 has the address 10.10.0.11/24 and the gateway 10.10.0.1.");
  expect(code).not.toBe(0);
  expect(writes).toEqual([]);
});

test("what was ours and is the installer's now stays as it is: two runs send nothing, and the state forgets it", async () => {
  const { storages, nodes } = lab.simulator.state;
  for (const storage of ["fast", "nas"])
    lab.edit("storage", new RegExp(`^(${storage}: .*)origin: create`, "m"), "$1origin: installer");
  lab.edit("nodes", "vmbr1: { origin: create", "vmbr1: { origin: installer");
  const first = await lab.up();
  expect(first.text).toContain(
    "The stack lets go of the bridge vmbr1 of pve-01: it stays as it is, and the next run forgets it.",
  );
  expect([first.code, first.writes]).toEqual([0, []]);
  const second = await lab.up();
  expect(second.text).toContain("The state forgets the storage nas: nothing is deleted, it stays as it is.");
  expect([second.code, second.writes]).toEqual([0, []]);
  expect(lab.simulator.state.storages).toEqual(storages);
  expect(lab.simulator.state.nodes).toEqual(nodes);
  const state = JSON.stringify(await lab.stack.exportStack());
  expect(state).not.toMatch(/"type":"[^"]*(?:Bridge|Zfspool|Nfs)"/);
  expect(state).toMatch(/"type":"[^"]*Directory"/);
  expect((await lab.stack.preview()).changeSummary).toEqual({ same: expect.any(Number) as number });
});

describe("a bridge", () => {
  test("is not deleted while a guest of others is attached to it, and goes after that", async () => {
    const own = lab.simulator.state.guests[20010];
    if (own === undefined) throw new Error("There is no guest 20010.");
    lab.simulator.change(({ guests }) => {
      const config = { ...own.config, hostname: "camera", net0: "name=eth0,bridge=vmbr1,hwaddr=BC:24:11:00:00:01" };
      guests[900] = { ...own, vmid: 900, config };
    });
    lab.edit("nodes", /^ {4}vmbr1: .*\n/m, "");
    const refused = await lab.up();
    expect(refused.text).toContain("camera (VMID 900) is attached to it");
    expect(refused.writes).toEqual([]);
    lab.simulator.change(({ guests }) => {
      Reflect.deleteProperty(guests, 900);
    });
    const { code, text, writes } = await lab.up();
    expect(text).toContain("The bridge vmbr1 is deleted on pve-01; no guest is attached to it.");
    expect(code).toBe(0);
    expect(writes).toContain("DELETE /nodes/pve-01/network/vmbr1");
  });

  test("keeps its name and its port, and is changed in place", async () => {
    lab.edit("nodes", "vmbr1: {", "vmbr2: {");
    const refused = await lab.up();
    expect(refused.text).toContain("vmbr2 has the ports of vmbr1, which the inventory lacks: a new name for it.");
    expect(refused.writes).toEqual([]);
    lab.edit("nodes", "vmbr2: { origin: create, ports: [enp2s0]", "vmbr1: { origin: create, ports: []");
    const emptied = await lab.up();
    expect(emptied.text).toContain("the provider cannot take its last port away");
    expect(emptied.writes).toEqual([]);
    lab.edit("nodes", /(vmbr1: { origin: create, ports: \[)\], vlanAware: true/, "$1enp2s0], vlanAware: false");
    const { code, text, writes } = await lab.up();
    expect(text).toContain("The network of pve-01 is reloaded for its bridge vmbr1");
    expect(code).toBe(0);
    expect(writes).toContain("PUT /nodes/pve-01/network/vmbr1");
    expect(lab.simulator.state.nodes["pve-01"]?.interfaces["vmbr1"]?.["bridge_ports"]).toBe("enp2s0");
  });

  test("that a person has given an address to is not changed: it would be lost", async () => {
    lab.simulator.change(({ nodes }) => {
      Object.assign(nodes["pve-01"]?.interfaces["vmbr1"] ?? {}, {
        cidr: "10.99.0.1/24",
        address: "10.99.0.1",
        netmask: "24",
        method: "static",
      });
    });
    lab.edit("nodes", "ports: [enp2s0]", "ports: []");
    const { code, text, writes } = await lab.up();
    expect(text).toContain("The bridge vmbr1 of pve-01 has the address 10.99.0.1/24.");
    expect(code).not.toBe(0);
    expect(writes).toEqual([]);
  });
});
