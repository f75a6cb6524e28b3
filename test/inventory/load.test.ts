import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { InventoryError } from "../../src/inventory/inventory-error.ts";
import { loadInventory } from "../../src/inventory/load.ts";

const good = {
  nodes: "pve-01:\n  model: Minisforum MS-01\n  address: 10.10.0.11\n  bridge: vmbr0\n",
  networks: "internal:\n  vlan: 20\n  subnet: 10.20.0.0/24\n  gateway: 10.20.0.1\n  dns: [10.20.0.1]\n",
  containers: `grafana:
  node: pve-01
  vmid: 20010
  network: internal
  address: 10.20.0.10
  template: local:vztmpl/debian-13.tar.zst
  cores: 2
  memory: 1 GiB
  disk: { storage: local-zfs, size: 8 GiB }
`,
};

let project: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "inventory-"));
});

afterEach(() => {
  rmSync(project, { recursive: true });
});

test("the shipped inventory loads", () => {
  const inventory = loadInventory(resolve(import.meta.dirname, "../.."));
  expect(Object.keys(inventory.nodes)).toEqual(["pve-01", "pve-02"]);
  expect(Object.keys(inventory.containers)).toEqual(["grafana"]);
});

test("sizes are kept in bytes, and what is left out gets its default", () => {
  write({});
  expect(loadInventory(project).containers["grafana"]).toMatchObject({
    memory: 2 ** 30,
    swap: 512 * 2 ** 20,
    disk: { size: 8 * 2 ** 30 },
    tags: [],
  });
});

describe("one value", () => {
  test.each([
    [
      "a size without a unit that is known",
      ["memory: 1 GiB", "memory: 1 GB"],
      `config/homelab/containers.yaml:8:11  containers.grafana.memory
  "1 GB" is not a size.
  Write a whole number and MiB, GiB or TiB, such as 512 MiB or 8 GiB.`,
    ],
    [
      "a size that is a number",
      ["memory: 1 GiB", "memory: 1024"],
      `config/homelab/containers.yaml:8:11  containers.grafana.memory
  1024 is not a size.
  Write a whole number and MiB, GiB or TiB, such as 512 MiB or 8 GiB.`,
    ],
    [
      "a VMID that Proxmox keeps for itself",
      ["vmid: 20010", "vmid: 99"],
      `config/homelab/containers.yaml:3:9  containers.grafana.vmid
  99 is too low: Proxmox keeps the VMIDs below 100 for itself.
  Choose one from 100 to 999999999.`,
    ],
    [
      "an address with an octet too high",
      ["address: 10.20.0.10", "address: 10.20.0.300"],
      `config/homelab/containers.yaml:5:12  containers.grafana.address
  "10.20.0.300" is not an IPv4 address.
  Write four numbers from 0 to 255 with dots, such as 10.20.0.10.`,
    ],
    [
      "a misspelt setting",
      ["cores: 2", "core: 2"],
      `config/homelab/containers.yaml:1:1  containers.grafana.cores
  This setting is missing.
  Write a whole number from 1 up.

config/homelab/containers.yaml:7:3  containers.grafana.core
  There is no setting "core" here.
  Did you mean "cores"? Known: node, vmid, network, address, template, cores, memory, swap, disk, tags.`,
    ],
    [
      "a misspelt setting of a disk",
      ["size: 8 GiB", "sizes: 8 GiB"],
      `config/homelab/containers.yaml:9:3  containers.grafana.disk.size
  This setting is missing.
  Write a whole number and MiB, GiB or TiB, such as 512 MiB or 8 GiB.

config/homelab/containers.yaml:9:31  containers.grafana.disk.sizes
  There is no setting "sizes" here.
  Did you mean "size"? Known: storage, size.`,
    ],
    [
      "a guest's name that is no hostname",
      ["grafana:", "Grafana_1:"],
      `config/homelab/containers.yaml:1:1  containers.Grafana_1
  "Grafana_1" is not a hostname.
  Use up to 63 lower-case letters, digits and inner hyphens.`,
    ],
    [
      "a template that is no volume ID",
      ["local:vztmpl/debian-13.tar.zst", "debian-13"],
      `config/homelab/containers.yaml:6:13  containers.grafana.template
  "debian-13" is not the volume ID of a container template.
  Write storage:vztmpl/file, as \`pveam list\` prints it.`,
    ],
  ])("refuses %s", (_what, [from, to], message) => {
    write({ containers: good.containers.replace(from ?? "", to ?? "") });
    expect(problemsOf(project)).toBe(message);
  });

  test("refuses a network with host bits set", () => {
    write({ networks: good.networks.replace("10.20.0.0/24", "10.20.0.1/24") });
    expect(problemsOf(project)).toBe(`config/homelab/networks.yaml:3:11  networks.internal.subnet
  "10.20.0.1/24" is not an IPv4 network.
  Write its first address and the prefix length, such as 10.20.0.0/24.`);
  });
});

describe("several values together", () => {
  test.each([
    [
      "a node that there is not",
      ["node: pve-01", "node: pve-1"],
      `config/homelab/containers.yaml:2:9  containers.grafana.node
  There is no node "pve-1" in nodes.yaml.
  Did you mean "pve-01"? Known: pve-01.`,
    ],
    [
      "an address outside its network",
      ["address: 10.20.0.10", "address: 10.21.0.10"],
      `config/homelab/containers.yaml:5:12  containers.grafana.address
  10.21.0.10 is not in networks.internal.
  Choose a free address in networks.internal (10.20.0.0/24).`,
    ],
    [
      "the gateway's address",
      ["address: 10.20.0.10", "address: 10.20.0.1"],
      `config/homelab/containers.yaml:5:12  containers.grafana.address
  10.20.0.1 is the gateway of networks.internal.
  Choose a free address in networks.internal (10.20.0.0/24).`,
    ],
    [
      "the broadcast address",
      ["address: 10.20.0.10", "address: 10.20.0.255"],
      `config/homelab/containers.yaml:5:12  containers.grafana.address
  10.20.0.255 is the network or broadcast address of networks.internal.
  Choose a free address in networks.internal (10.20.0.0/24).`,
    ],
  ])("refuses %s", (_what, [from, to], message) => {
    write({ containers: good.containers.replace(from ?? "", to ?? "") });
    expect(problemsOf(project)).toBe(message);
  });

  test("refuses a VMID and an address that are taken, and says by whom", () => {
    write({ containers: good.containers + good.containers.replace("grafana:", "prometheus:") });
    expect(problemsOf(project)).toBe(`config/homelab/containers.yaml:12:9  containers.prometheus.vmid
  20010 is already taken by containers.grafana.
  Choose a free VMID.

config/homelab/containers.yaml:14:12  containers.prometheus.address
  10.20.0.10 is already taken by containers.grafana.
  Choose a free address in networks.internal.`);
  });
});

describe("files", () => {
  test("reports what is wrong in all files at once, in file order", () => {
    write({
      nodes: good.nodes.replace("10.10.0.11", "x"),
      containers: good.containers.replace("cores: 2", "cores: 0"),
    });
    expect(problemsOf(project).match(/^config\S+/gm)).toEqual([
      "config/homelab/containers.yaml:7:10",
      "config/homelab/nodes.yaml:3:12",
    ]);
  });

  test("points at broken YAML", () => {
    write({ nodes: "pve-01: [\n" });
    expect(problemsOf(project)).toMatch(/^config\/homelab\/nodes\.yaml:2:1 {2}nodes\n {2}This is not valid YAML: /);
  });

  test("points at a key that is given twice", () => {
    write({ nodes: `${good.nodes}pve-01: {}\n` });
    expect(problemsOf(project)).toContain("nodes.yaml:5:1  nodes\n  This is not valid YAML: Map keys must be unique");
  });

  test("names a file that is missing", () => {
    write({});
    rmSync(join(project, "config/homelab/networks.yaml"));
    expect(problemsOf(project)).toContain("config/homelab/networks.yaml:1:1  networks\n  This setting is missing.");
  });

  test("suggests the name of a misspelt file", () => {
    write({});
    writeFileSync(join(project, "config/homelab/container.yaml"), "");
    expect(problemsOf(project)).toContain('There is no such part of the inventory.\n  Did you mean "containers"?');
  });

  test("refuses aliases that multiply", () => {
    const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
    for (const [name, previous] of ["ba", "cb", "dc", "ed"].map((pair) => pair.split(""))) {
      bomb.push(`${name ?? ""}: &${name ?? ""} [${Array.from({ length: 9 }, () => `*${previous ?? ""}`).join(", ")}]`);
    }
    write({ nodes: bomb.join("\n") });
    expect(problemsOf(project)).toContain("This YAML cannot be read: Excessive alias count");
  });
});

function write(files: Partial<typeof good>): void {
  mkdirSync(join(project, "config/homelab"), { recursive: true });
  for (const [name, text] of Object.entries({ ...good, ...files })) {
    writeFileSync(join(project, `config/homelab/${name}.yaml`), text);
  }
}

function problemsOf(folder: string): string {
  try {
    loadInventory(folder);
  } catch (error) {
    if (error instanceof InventoryError) return error.message.split("\n\n").slice(1).join("\n\n");
    throw error;
  }
  return "";
}
