import { request as httpsRequest } from "node:https";
import { describe, expect } from "vitest";
import type { Simulator } from "@proxmox-homelab/simulator";
import { unifiedDiff } from "../../simulator/src/node/unified-diff.ts";
import { test } from "./simulator-test.ts";

const network = "/nodes/pve-01/network";
const vmbr1 = { iface: "vmbr1", type: "bridge", autostart: "1" };

interface Answer {
  readonly data: readonly Readonly<Record<string, unknown>>[];
  readonly changes?: string;
}

/** The whole answer: what would change is beside the data. */
function list({ url, ca, apiToken }: Simulator, query = ""): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `PVEAPIToken=${apiToken}` };
    const outgoing = httpsRequest(
      new URL(`api2/json${network}${query}`, url),
      { ca, headers, agent: false },
      (reply) => {
        let text = "";
        reply.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        reply.on("end", () => {
          resolve(JSON.parse(text) as Answer);
        });
      },
    );
    outgoing.on("error", reject).end();
  });
}

async function names(simulator: Simulator, query = ""): Promise<unknown[]> {
  return (await list(simulator, query)).data.map(({ iface }) => iface);
}

describe("GET /nodes/{node}/network", () => {
  test("shows the installer's bridge on the first of two cards", async ({ simulator }) => {
    const { data, changes } = await list(simulator);
    expect(changes).toBeUndefined();
    expect(data).toEqual([
      {
        iface: "enp1s0",
        type: "eth",
        method: "manual",
        method6: "manual",
        families: ["inet"],
        priority: 3,
        exists: 1,
        active: 1,
      },
      expect.objectContaining({ iface: "enp2s0", exists: 1 }),
      {
        iface: "vmbr0",
        type: "bridge",
        method: "static",
        method6: "manual",
        families: ["inet"],
        priority: 5,
        active: 1,
        autostart: 1,
        cidr: "10.10.0.11/24",
        address: "10.10.0.11",
        netmask: "24",
        gateway: "10.10.0.1",
        bridge_ports: "enp1s0",
        bridge_stp: "off",
        bridge_fd: "0",
        bridge_vlan_aware: 1,
        bridge_vids: "2-4094",
      },
    ]);
    expect(data[1]).not.toHaveProperty("active");
  });

  test.for([
    ["bridge", ["vmbr0"]],
    ["eth", ["enp1s0", "enp2s0"]],
    ["any_bridge", ["vmbr0"]],
    ["vlan", []],
    ["include_sdn", ["enp1s0", "enp2s0", "vmbr0"]],
  ] as const)("filters by %s", async ([type, expected], { simulator }) => {
    expect(await names(simulator, `?type=${type}`)).toEqual(expected);
  });

  test("shows what a reload would change, and the reload as a task", async ({ simulator, run }) => {
    await simulator.request("POST", network, { ...vmbr1, cidr: "10.20.0.1/24", comments: "guests" });
    const { data, changes } = await list(simulator);
    expect(changes).toBe(
      [
        "--- /etc/network/interfaces",
        "+++ /etc/network/interfaces.new",
        "@@ -15,4 +15,12 @@",
        " \tbridge-vlan-aware yes",
        " \tbridge-vids 2-4094",
        " ",
        "+auto vmbr1",
        "+iface vmbr1 inet static",
        "+\taddress 10.20.0.1/24",
        "+\tbridge-ports none",
        "+\tbridge-stp off",
        "+\tbridge-fd 0",
        "+#guests",
        "+",
        " source /etc/network/interfaces.d/*",
        "",
      ].join("\n"),
    );
    expect(data[3]).toMatchObject({ iface: "vmbr1", comments: "guests\n", bridge_ports: "", netmask: "24" });
    expect(data[3]).not.toHaveProperty("active");
    expect(await run("PUT", network)).toBe("OK");
    const after = await list(simulator);
    expect(after.changes).toBeUndefined();
    expect(after.data[3]).toMatchObject({ iface: "vmbr1", active: 1 });
    expect(Object.values(simulator.state.tasks).at(-1)).toMatchObject({ type: "srvreload", id: "networking" });
  });
});

describe("POST /nodes/{node}/network", () => {
  test("makes VLANs, by their names or by what they say", async ({ simulator }) => {
    await simulator.request("POST", network, { iface: "enp2s0.20", type: "vlan" });
    await simulator.request("POST", network, { iface: "vlan30", type: "vlan", "vlan-raw-device": "enp2s0" });
    const custom = { iface: "storage", type: "vlan", "vlan-raw-device": "enp2s0", "vlan-id": "40", mtu: "1400" };
    await simulator.request("POST", network, custom);
    const { data } = await list(simulator, "?type=vlan");
    expect(data).toMatchObject([
      { iface: "enp2s0.20", "vlan-raw-device": "enp2s0", "vlan-id": 20, exists: 1 },
      { iface: "vlan30", "vlan-id": 30 },
      { iface: "storage", "vlan-id": 40, mtu: 1400 },
    ]);
  });

  test("makes a bond, and starts its slaves with it", async ({ simulator }) => {
    await simulator.request("POST", network, {
      iface: "bond0",
      type: "bond",
      slaves: "enp2s0",
      bond_mode: "active-backup",
      "bond-primary": "enp2s0",
    });
    expect(await simulator.request("GET", `${network}/bond0`)).toMatchObject({
      type: "bond",
      slaves: "enp2s0",
      bond_mode: "active-backup",
      bond_miimon: "100",
      "bond-primary": "enp2s0",
    });
    expect(await simulator.request("GET", `${network}/enp2s0`)).toMatchObject({ autostart: 1 });
  });

  test.for([
    ["a name in use", { iface: "vmbr0" }, { iface: "interface already exists" }],
    [
      "a second gateway",
      { cidr: "10.20.0.2/24", gateway: "10.20.0.1" },
      { gateway: "Default gateway already exists on interface 'vmbr0'." },
    ],
    [
      "another bridge's port",
      { bridge_ports: "enp1s0" },
      { bridge_ports: "enp1s0 is already used on interface 'vmbr0'." },
    ],
    [
      "two addresses",
      { cidr: "10.20.0.1/24", address: "10.20.0.1", netmask: "255.255.255.0" },
      { address: "address conflicts with cidr" },
    ],
    [
      "a prefix of 33",
      { cidr: "10.20.0.1/33" },
      { cidr: "invalid format - value does not look like a valid IPv4 CIDR network" },
    ],
    ["a name with a dash", { iface: "vm-br1" }, { iface: "invalid format - invalid network interface name 'vm-br1'" }],
    [
      "VLANs from high to low",
      { bridge_vlan_aware: "1", bridge_vids: "2 30-20" },
      { bridge_vids: "invalid format - VLAN range must go from lower to higher tag: '30-20'" },
    ],
    [
      "an address without a mask",
      { address: "10.20.0.1" },
      { netmask: "missing property - 'address' requires this property" },
    ],
  ] as const)("refuses %s", async ([, wrong, errors], { simulator }) => {
    await expect(simulator.request("POST", network, { ...vmbr1, ...wrong })).rejects.toMatchObject({
      status: 400,
      message: "Parameter verification failed.",
      errors,
    });
    expect(simulator.state.nodes["pve-01"]?.pendingInterfaces).toBeUndefined();
  });

  test.for([
    ["a port that is not there", { bridge_ports: "enp9s0" }, "bridge 'vmbr1' - unable to find bridge port 'enp9s0'"],
    ["a VLAN of nothing", { iface: "enp9s0.5", type: "vlan" }, "vlan 'enp9s0.5' - unable to find parent 'enp9s0'"],
    [
      "a bond of a bridge",
      { iface: "bond0", type: "bond", slaves: "vmbr0" },
      "bond 'bond0' - wrong interface type on slave 'vmbr0' ('bridge' != 'eth or bond')",
    ],
    [
      "a larger MTU than its port's",
      { bridge_ports: "enp2s0", mtu: "9000" },
      "interface 'enp2s0' - mtu 1500 is lower than 'vmbr1' - mtu 9000",
    ],
    ["Open vSwitch", { type: "OVSBridge" }, "Open VSwitch is not installed (need package 'openvswitch-switch')"],
  ] as const)("refuses %s", async ([, wrong, message], { simulator }) => {
    await expect(simulator.request("POST", network, { ...vmbr1, ...wrong })).rejects.toMatchObject({
      status: 500,
      message,
    });
  });
});

describe("PUT /nodes/{node}/network/{iface}", () => {
  test("changes, deletes, and drops the family that has no address", async ({ simulator }) => {
    await simulator.request("PUT", `${network}/vmbr0`, {
      type: "bridge",
      cidr: "10.10.0.12/16",
      gateway: "10.10.0.254",
      cidr6: "fd00::1/64",
      delete: "bridge_vlan_aware,bridge_vids",
    });
    const changed = await simulator.request("GET", `${network}/vmbr0`);
    expect(changed).toMatchObject({
      address: "10.10.0.12",
      netmask: "16",
      gateway: "10.10.0.254",
      address6: "fd00::1",
      netmask6: "64",
      families: ["inet", "inet6"],
      method6: "static",
      bridge_ports: "enp1s0",
    });
    expect(changed).not.toHaveProperty("bridge_vlan_aware");
    await simulator.request("PUT", `${network}/vmbr0`, { type: "bridge", cidr: "10.10.0.12/16" });
    expect(await simulator.request("GET", `${network}/vmbr0`)).not.toHaveProperty("cidr6");
  });

  test("refuses an interface that is not there", async ({ simulator }) => {
    for (const [method, parameters] of [
      ["PUT", { type: "bridge" }],
      ["GET", {}],
      ["DELETE", {}],
    ] as const) {
      await expect(simulator.request(method, `${network}/vmbr9`, parameters)).rejects.toMatchObject({
        status: 400,
        errors: { iface: "interface does not exist" },
      });
    }
  });
});

describe("DELETE", () => {
  test("…/network/{iface} forgets a bridge, and keeps a card", async ({ simulator }) => {
    await simulator.request("DELETE", `${network}/vmbr0`);
    await simulator.request("DELETE", `${network}/enp2s0`);
    expect(await names(simulator)).toEqual(["enp1s0", "enp2s0"]);
    expect(simulator.state.nodes["pve-01"]?.interfaces).toHaveProperty("vmbr0");
  });

  test("…/network reverts what was not applied", async ({ simulator }) => {
    await simulator.request("POST", network, vmbr1);
    await simulator.request("DELETE", network);
    expect(await names(simulator)).toEqual(["enp1s0", "enp2s0", "vmbr0"]);
  });
});

test("a difference has hunks of its own for changes that are far apart", () => {
  const lines = Array.from({ length: 20 }, (_, index) => String(index));
  const after = lines.with(1, "one").toSpliced(18, 1);
  const text = (from: string[]) => from.map((line) => `${line}\n`).join("");
  expect(unifiedDiff({ name: "a", text: text(lines) }, { name: "b", text: text(after) })).toBe(
    "--- a\n+++ b\n@@ -1,5 +1,5 @@\n 0\n-1\n+one\n 2\n 3\n 4\n@@ -16,5 +16,4 @@\n 15\n 16\n 17\n-18\n 19\n",
  );
  expect(unifiedDiff({ name: "a", text: "same\n" }, { name: "b", text: "same\n" })).toBeUndefined();
});
