import { readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareContainers } from "../../scripts/bench/peer/compare-containers.ts";
import { findPeer, MissingPeerError, providerVersion } from "../../scripts/bench/peer/find-peer.ts";
import type { Round } from "../../scripts/bench/peer/measure-peer.ts";
import { countByType } from "../../scripts/bench/peer/our-side.ts";
import { mostContainers, writePlainInventory } from "../../scripts/bench/peer/plain-inventory.ts";
import { renderConfiguration } from "../../scripts/bench/peer/render-configuration.ts";
import { renderBlock } from "../../scripts/bench/peer/render-hcl.ts";
import { renderPeer } from "../../scripts/bench/peer/render-peer.ts";
import { summarizeRounds } from "../../scripts/bench/peer/summarize-rounds.ts";
import { copyProject } from "../../scripts/copy-project.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { planHomelab } from "../../src/plan/plan.ts";

const ssh = [{ node: "pve-02", host: "127.0.0.1", port: 2222 }];

describe("the containers that are compared", () => {
  let project: string;

  beforeAll(() => {
    project = copyProject({ services: true });
  });

  afterAll(() => {
    rmSync(project, { recursive: true });
  });

  test.each([20, mostContainers])("are %i in an inventory with nothing that they do not need", (count) => {
    writePlainInventory(project, count);
    const plan = planHomelab(loadInventory(project));
    expect(plan.containers).toHaveLength(count);
    expect(plan.machines).toEqual([]);
    expect(plan.images).toHaveLength(1);
    expect(plan.backups).toEqual([]);
    expect(plan.storages.filter(({ origin }) => origin === "create")).toEqual([]);
    const inContainers = plan.steps.filter(({ place }) => place.kind !== "node");
    expect(plan.steps.length - inContainers.length).toBe(1);
    expect(inContainers.map(({ name, steps }) => [name, steps.map((step) => step.name)])).toEqual(
      plan.containers.map(({ name }) => [name, [`${name}-ssh-keys`]]),
    );
    expect(plan.secrets).toEqual({});
  });

  test("have the same settings in the inventory and in OpenTofu's configuration", () => {
    writePlainInventory(project, 300);
    const inventory = loadInventory(project);
    const configuration = renderConfiguration(planHomelab(inventory), ssh);
    const pattern =
      /resource "proxmox_virtual_environment_container" "(?<name>[^"]+)" \{.*?\n {2}node_name = "(?<node>[^"]+)"\n {2}vm_id = (?<vmid>\d+)\n.*?\n {2}cpu \{\n {4}cores = (?<cores>\d+)\n.*? {4}dedicated = (?<mib>\d+)\n.*?\n {2}disk \{\n {4}datastore_id = "(?<storage>[^"]+)"\n {4}size = (?<gib>\d+)\n.*?hostname = "(?<hostname>[^"]+)"\n.*?address = "(?<address>[^"]+)"\n.*?\n\}\n/gs;
    const found = [...configuration.matchAll(pattern)].map(({ groups }) => ({ ...groups }));
    const expected = Object.entries(inventory.containers).map(([name, { node, address, cores, memory, disk }]) => ({
      name,
      node,
      vmid: String(100_000 + Number(name.split("-")[1])),
      cores: String(cores),
      mib: String(memory / 2 ** 20),
      storage: disk.storage,
      gib: String(disk.size / 2 ** 30),
      hostname: name,
      address: `${address}/22`,
    }));
    expect(found).toHaveLength(300);
    expect(found).toEqual(expect.arrayContaining(expected));
  });

  test("are written in the language of OpenTofu", () => {
    writePlainInventory(project, 1);
    const configuration = renderConfiguration(planHomelab(loadInventory(project)), ssh);
    expect(configuration).toMatch(/checksum = "5aec4ab2[0-9a-f]{120}"\n {2}checksum_algorithm = "sha512"\n/);
    expect(configuration.replace(/checksum = "[0-9a-f]+"/, 'checksum = "…"')).toBe(`terraform {
  required_providers {
    proxmox = { source = "bpg/proxmox" }
  }
}

provider "proxmox" {
  ssh {
    agent = false
    node {
      name = "pve-02"
      address = "127.0.0.1"
      port = 2222
    }
  }
}

resource "proxmox_download_file" "debian-13-pve-02" {
  node_name = "pve-02"
  datastore_id = "local"
  content_type = "vztmpl"
  url = "http://download.proxmox.com/images/system/debian-13-standard_13.1-2_amd64.tar.zst"
  file_name = "debian-13-standard_13.1-2_amd64.tar.zst"
  checksum = "…"
  checksum_algorithm = "sha512"
  overwrite = false
  overwrite_unmanaged = true
}

resource "proxmox_virtual_environment_container" "plain-1" {
  node_name = "pve-02"
  vm_id = 100001
  description = "plain-1: managed by Pulumi from config/homelab/containers.yaml (containers.plain-1); changes made here are undone."
  tags = ["homelab"]
  unprivileged = true
  started = true
  start_on_boot = true
  features {
    nesting = true
  }
  operating_system {
    template_file_id = proxmox_download_file.debian-13-pve-02.id
    type = "debian"
  }
  cpu {
    cores = 1
  }
  memory {
    dedicated = 32
    swap = 512
  }
  disk {
    datastore_id = "local-zfs"
    size = 1
  }
  network_interface {
    name = "eth0"
    bridge = "vmbr0"
    vlan_id = 100
    firewall = false
  }
  initialization {
    hostname = "plain-1"
    ip_config {
      ipv4 {
        address = "10.100.0.1/22"
        gateway = "10.100.3.254"
      }
    }
    dns {
      servers = ["10.100.3.254"]
    }
    user_account {
      keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJBhTCjl5Wup/bnPAaidYlI3hKXCySl2KDwsi/TvcCXK peer@homelab"]
    }
  }
  startup {
    order = 50
    up_delay = 0
  }
}
`);
  });
});

test("text is no template of OpenTofu", () => {
  expect(renderBlock("locals", [], { text: 'costs $5, ${var.x}, %{ if "y" }', list: [] })).toBe(
    'locals {\n  text = "costs $5, $${var.x}, %%{ if \\"y\\" }"\n  list = []\n}\n',
  );
});

describe("a comparison", () => {
  const round = (ours: number, openTofu: number): Round => ({
    runs: [
      { run: "up", figures: { ours: { seconds: ours, requests: 24 }, openTofu: { seconds: openTofu, requests: 20 } } },
    ],
    resources: {
      ours: countByType([
        { type: "pulumi:pulumi:Stack", custom: false },
        { type: "pulumi:providers:proxmoxve", custom: true },
        { type: "homelab:guest:Container", custom: false },
        { type: "proxmoxve:download/file:File", custom: true },
        { type: "proxmoxve:index/containerLegacy:ContainerLegacy", custom: true },
        { type: "command:remote:Command", custom: true },
        { type: "command:remote:Command", custom: true },
      ]),
      openTofu: { same: 2, others: {}, internal: 0 },
    },
  });

  test("shows seconds, ratio and resources of both sides", () => {
    const text = renderPeer(summarizeRounds(1, [round(3, 2)]));
    expect(text).toContain("1 container, one round\n");
    expect(text).toContain("Ours:     2 resources: images and containers\n");
    expect(text).toContain("          2 more on the server: 2 command:remote:Command\n");
    expect(text).toContain("          3 in the state only: components, providers and the stack\n");
    expect(text).toContain("OpenTofu: 2 resources: images and containers\n");
    expect(text).toMatch(/│ up +│ +3\.0 s │ +2\.0 s │ +1\.5 │ +24 │ +20 │/);
  });

  test("of several rounds shows medians", () => {
    const [odd] = summarizeRounds(1, [round(9, 2), round(3, 4), round(4, 1)]).runs;
    expect(odd).toMatchObject({ ours: { seconds: 4 }, openTofu: { seconds: 2 }, ratio: 2 });
    const [even] = summarizeRounds(1, [round(9, 2), round(3, 4)]).runs;
    expect(even).toMatchObject({ ours: { seconds: 6 }, openTofu: { seconds: 3 }, ratio: 2 });
  });

  test("fails if the containers differ", () => {
    const guest = (net0: string) => ({ type: "lxc", node: "pve-02", status: "running", config: { net0 } });
    const guests = (net0: string) => ({ 100: guest(net0) }) as unknown as Parameters<typeof compareContainers>[0];
    const ours = guests("name=eth0,hwaddr=BC:24:11:00:00:01,tag=100");
    expect(() => {
      compareContainers(ours, guests("name=eth0,hwaddr=BC:24:11:00:00:02,tag=100"));
    }).not.toThrow();
    expect(() => {
      compareContainers(ours, guests("name=eth0,hwaddr=BC:24:11:00:00:02,tag=101"));
    }).toThrow("VMID 100 is not the same on both sides.");
    expect(() => {
      compareContainers({}, ours);
    }).toThrow("Ours: missing\nOpenTofu: lxc; pve-02");
  });
});

describe("without OpenTofu", () => {
  const find = () => findPeer({ tofu: "/nowhere/tofu", provider: "/nowhere/provider" });

  test("the error names what is missing and how to build it", () => {
    expect(find).toThrow(MissingPeerError);
    expect(find).toThrow("--tofu /nowhere/tofu: this file does not exist.");
    expect(find).toThrow("--provider /nowhere/provider: this file does not exist.");
    expect(find).toThrow("go get github.com/opentofu/opentofu/cmd/tofu@v");
    expect(find).toThrow("--tofu .cache/peer/tofu --provider .cache/peer/terraform-provider-proxmox");
  });

  test("the provider to build is the one in our plugin", () => {
    const plugin = readFileSync(join(resolve(import.meta.dirname, "../.."), "toolchain/proxmoxve/go.mod"), "utf8");
    expect(plugin).toContain(`github.com/bpg/terraform-provider-proxmox v${providerVersion}\n`);
  });
});
