import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startSimulator } from "@proxmox-homelab/simulator";
import { describe, expect, test as base, vi } from "vitest";
import { loadSeed } from "../../simulator/src/seed-file/seed-file.ts";
import { defaultSeed } from "../../simulator/src/state/seed.ts";
import type { ClusterState } from "../../simulator/src/state/cluster.ts";

const example = resolve(import.meta.dirname, "../../simulator/examples/one-node.yaml");
const gib = 2 ** 30;

interface Fixtures {
  readonly file: string;
  /** Reads a seed that is written in this way. */
  readonly load: (text: string) => ClusterState;
  /** The whole message of what is wrong with a seed, without the file's name. */
  readonly problemOf: (text: string) => string;
}

const test = base.extend<Fixtures>({
  // eslint-disable-next-line no-empty-pattern -- vitest reads the names of the fixtures out of the pattern
  file: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), "seed-"));
    await use(join(folder, "seed.yaml"));
    rmSync(folder, { recursive: true });
  },
  load: async ({ file }, use) => {
    await use((text) => {
      writeFileSync(file, text);
      return loadSeed(file);
    });
  },
  problemOf: async ({ file, load }, use) => {
    await use((text) => {
      try {
        load(text);
      } catch (error) {
        return (error as Error).message.replaceAll(`${file}:`, "");
      }
      throw new Error("nothing is wrong with it");
    });
  },
});

describe("the example", () => {
  test("is a cluster with which a client can work", async () => {
    const simulator = await startSimulator({ seed: loadSeed(example) });
    try {
      expect(simulator).toMatchObject({
        password: "simulator",
        apiToken: "root@pam!simulator=3f1c9a52-7d0e-4b58-9f26-6c1d0e8a4b17",
      });
      expect(await simulator.request("GET", "/nodes")).toMatchObject([{ node: "pve", maxcpu: 4, maxmem: 16 * gib }]);
      expect(await simulator.request("GET", "/nodes/pve/disks/zfs")).toMatchObject([
        { name: "rpool", health: "ONLINE" },
        { name: "tank", health: "ONLINE" },
      ]);
      const storages = await simulator.request<{ storage: string }[]>("GET", "/nodes/pve/storage");
      expect(storages.map(({ storage }) => storage).sort()).toEqual(["local", "local-zfs", "nas", "tank"]);
      expect(await simulator.request("GET", "/nodes/pve/storage/nas/status")).toMatchObject({ total: 8192 * gib });
      const isos = await simulator.request("GET", "/nodes/pve/storage/local/content", { content: "iso" });
      expect(isos).toMatchObject([{ volid: "local:iso/debian-13.1.0-amd64-netinst.iso", size: 784 * 2 ** 20 }]);
      expect(await simulator.request("GET", "/nodes/pve/lxc")).toMatchObject([{ name: "adguard", status: "running" }]);
      expect(await simulator.request("GET", "/nodes/pve/network/vmbr0")).toMatchObject({ cidr: "192.168.1.10/24" });
      expect(await simulator.request("GET", "/access/users/terraform@pve")).toMatchObject({ enable: 1 });
      expect(await simulator.request("GET", "/nodes/pve/tasks")).toEqual([]);
    } finally {
      await simulator.close();
    }
  });

  test("is the same each time it is read", () => {
    const stable = (state: ClusterState) => ({ nodes: state.nodes, storages: state.storages, access: state.access });
    // A pool's GUID follows from when it was created, and the clock may strike a second between two reads.
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      expect(stable(loadSeed(example))).toEqual(stable(loadSeed(example)));
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("what is left out is as the installer leaves it", () => {
  test("everything", ({ load }) => {
    expect(load("")).toEqual(defaultSeed());
    expect(load("{}")).toEqual(defaultSeed());
  });

  test("all of a node", ({ load }) => {
    const { nodes, storages, volumes } = load("nodes: { pve: {}, second: {} }");
    expect(Object.keys(nodes)).toEqual(["pve", "second"]);
    expect(nodes["second"]).toMatchObject({ id: 2, address: "10.10.0.12", zpools: { rpool: { raid: "single" } } });
    expect(nodes["pve"]?.disks["/dev/nvme0n1"]?.serial).not.toBe(nodes["second"]?.disks["/dev/nvme0n1"]?.serial);
    expect(storages).toEqual(defaultSeed().storages);
    expect(Object.keys(volumes)).toEqual(["pve/local", "second/local"]);
  });

  test("local-zfs is where an rpool is", ({ load }) => {
    const other = "disks: { /dev/sda: {} }, pools: { tank: { disks: [/dev/sda] } }";
    expect(load(`nodes: { pve: {}, second: { ${other} } }`).storages["local-zfs"]?.config["nodes"]).toBe("pve");
    expect(Object.keys(load(`nodes: { pve: { ${other} } }`).storages)).toEqual(["local"]);
  });

  test("a guest's settings", ({ load }) => {
    const { guests } = load("guests: { 100: { type: lxc, node: pve-01 }, 101: { type: qemu, node: pve-02 } }");
    expect(guests).toMatchObject({
      100: { type: "lxc", node: "pve-01", status: "stopped", config: { memory: "512" } },
      101: { type: "qemu", node: "pve-02", status: "stopped" },
    });
  });
});

test("JSON is as good as YAML", ({ load }) => {
  const { nodes } = load(JSON.stringify({ nodes: { pve: { memory: "8 GiB" } } }, undefined, 2));
  expect(nodes).toMatchObject({ pve: { memory: 8 * gib } });
});

describe("what is wrong is said where it is", () => {
  test.for([
    ["nodes: [", "1:9\n  This is not valid YAML: "],
    ["nodse: {}", '1:1  nodse\n  There is no setting "nodse" here.\n  Correct its name; simulator/examples shows'],
    ["nodes:\n  pve:\n    memory: 16\n", "3:5  nodes.pve.memory\n  16 is not a size.\n  Write a number and MB"],
    ["nodes:\n  pve:\n    memory: 16 G\n", '3:5  nodes.pve.memory\n  "16 G" is not a size.\n  Write a number and MB'],
    ["nodes: { pve_1: {} }", '1:10  nodes.pve_1\n  "pve_1" is not a node\'s name.\n  Use letters, digits'],
    [
      "nodes: { pve: { address: pve.lan } }",
      '1:17  nodes.pve.address\n  "pve.lan" is not an IPv4 address.\n  Write four',
    ],
    [
      "nodes:\n  pve:\n    pools: { rpool: { disks: [/dev/sda] } }",
      "3:31  nodes.pve.pools.rpool.disks.0\n  pve has no disk /dev/sda.\n  List its disks under disks.",
    ],
    [
      "nodes:\n  pve:\n    disks: { /dev/sdb: {} }\n    pools: { rpool: { disks: [/dev/sda] } }",
      "4:31  nodes.pve.pools.rpool.disks.0\n  pve has no disk /dev/sda.\n  Choose from its disks: /dev/sdb.",
    ],
    [
      "nodes:\n  pve:\n    disks: { /dev/sda: {} }\n    pools: { tank: { raid: mirror, disks: [/dev/sda] } }",
      "4:14  nodes.pve.pools.tank\n  Proxmox refuses this: mirror needs at least 2 disks.\n",
    ],
    ["storages:\n  nas: { type: nfs, export: /x }", "2:3  storages.nas\n  Proxmox refuses this: "],
    [
      "volumes:\n  nas: { iso/a.iso: 1 GiB }",
      "2:3  volumes.nas\n  There is no storage nas.\n  Choose one of local, local-zfs",
    ],
    [
      "volumes:\n  local: { a.iso: 1 GiB }",
      "2:12  volumes.local.a.iso\n  a.iso is no file that a storage has.\n  Write iso/NAME",
    ],
    ["guests:\n  7: { type: lxc, node: pve-01 }", '2:3  guests.7\n  "7" is not a VMID.\n  Write a whole number'],
    ["guests:\n  100: { node: pve-01 }", "2:3  guests.100.type\n  "],
    [
      "guests:\n  100: { type: lxc, node: pve-01, settings: { memory: lots } }",
      "2:3  guests.100\n  Proxmox refuses this: memory: type check ('integer') failed - got 'lots'.\n  Write it as",
    ],
    [
      "guests:\n  100: { type: lxc, node: pve-09 }",
      "2:3  guests.100\n  Proxmox refuses this: hostname lookup 'pve-09' failed",
    ],
    [
      "requests:\n  - POST /nowhere: {}",
      "2:5  requests.0.POST /nowhere\n  Proxmox refuses this: Method 'POST /nowhere' not impl",
    ],
  ] as const)("%j", ([text, message], { problemOf }) => {
    const problem = problemOf(text);
    expect(problem.startsWith(message), problem).toBe(true);
  });

  test("all of it at once", ({ problemOf }) => {
    const problem = problemOf("nodes:\n  pve:\n    memory: 1\n    cpu: { cores: 0 }\nguest: {}\n");
    expect(problem.split("\n\n").map((part) => part.split("\n")[0])).toEqual([
      "3:5  nodes.pve.memory",
      "4:12  nodes.pve.cpu.cores",
      "5:1  guest",
    ]);
  });
});
