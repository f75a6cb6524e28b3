import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, expect, test } from "vitest";
import { Homelab } from "../../src/components/homelab.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { planHomelab } from "../../src/plan/plan.ts";

const registered: pulumi.runtime.MockResourceArgs[] = [];
const urns = new Map<string, string>();

beforeAll(async () => {
  await pulumi.runtime.setMocks({
    newResource: (args) => {
      registered.push(args);
      return { id: `${args.name}-id`, state: args.inputs as Record<string, unknown> };
    },
    call: ({ token }) => {
      throw new Error(`Nobody expected a call of ${token}.`);
    },
  });
  const plan = planHomelab(loadInventory(resolve(import.meta.dirname, "../..")));
  const settings = {
    endpoint: "https://127.0.0.1:8006/",
    apiToken: pulumi.secret("root@pam!test=secret"),
    insecure: false,
    ssh: { username: "root", nodes: [{ name: "pve-01", address: "127.0.0.1", port: 22 }] },
  };
  const homelab = new Homelab("homelab", { plan, settings });
  const outputs = await promiseOf(pulumi.output(homelab.guests));
  expect(outputs).toMatchObject({ grafana: { vmid: 20010, node: "pve-01", address: "10.20.0.10/24" } });
  urns.set("homelab", await promiseOf(homelab.urn));
});

test("registers one component tree, its types permanent", () => {
  const containers = ["grafana", "influxdb", "prometheus", "traefik-internal-01", "traefik-internal-02"];
  expect(registered.map(({ type, name }) => `${type} ${name}`).sort()).toEqual([
    ...containers.map((name) => `homelab:guest:Container ${name}`),
    "homelab:index:Homelab homelab",
    ...containers.map((name) => `proxmoxve:index/containerLegacy:ContainerLegacy ${name}`),
    "pulumi:providers:proxmoxve proxmox",
  ]);
  expect(urns.get("homelab")).toContain("homelab:index:Homelab::homelab");
});

test("a container is unprivileged, with the plan's values and nothing else", () => {
  expect(inputsOf("proxmoxve:index/containerLegacy:ContainerLegacy")).toEqual({
    nodeName: "pve-01",
    vmId: 20010,
    description:
      "grafana: managed by Pulumi from config/homelab/containers.yaml (containers.grafana); changes made here are undone.",
    tags: ["homelab", "monitoring"],
    unprivileged: true,
    operatingSystem: { templateFileId: "homelab:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst", type: "debian" },
    cpu: { cores: 2 },
    memory: { dedicated: 1024, swap: 512 },
    disk: { datastoreId: "local-zfs", size: 8 },
    networkInterfaces: [{ name: "eth0", bridge: "vmbr0", vlanId: 20 }],
    initialization: {
      hostname: "grafana",
      ipConfigs: [{ ipv4: { address: "10.20.0.10/24", gateway: "10.20.0.1" } }],
      dns: { servers: ["10.20.0.1"] },
    },
  });
});

test("the provider gets every node's SSH address, so that it never asks the API for one to dial", () => {
  const { ssh } = inputsOf("pulumi:providers:proxmoxve");
  expect(JSON.parse(ssh as string)).toEqual({
    username: "root",
    nodes: [{ name: "pve-01", address: "127.0.0.1", port: 22 }],
  });
});

function inputsOf(type: string): Record<string, unknown> {
  const resource = registered.find((candidate) => candidate.type === type);
  if (resource === undefined) throw new Error(`No ${type} was registered.`);
  return resource.inputs as Record<string, unknown>;
}

function promiseOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolvePromise) => output.apply(resolvePromise));
}
