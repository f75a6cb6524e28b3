import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDemoStack } from "../../scripts/demo-stack.ts";

const userData = `#cloud-config
hostname: web
packages: [qemu-guest-agent]
runcmd:
  - systemctl enable --now qemu-guest-agent
`;

// The tests build on each other: one life of a virtual machine.
let folder: string;
let simulator: Simulator;
let stack: Stack;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "homelab-vm-"));
  cpSync(join(import.meta.dirname, "virtual-machine"), folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  symlinkSync(resolve(import.meta.dirname, "../../node_modules"), join(folder, "node_modules"));
  simulator = await startSimulator({});
  simulator.change(({ storages, volumes }) => {
    const { local } = storages;
    if (local !== undefined) local.config["content"] = "backup,import,iso,snippets,vztmpl";
    Object.assign(volumes["pve-01/local"] ?? {}, {
      "import/debian-13-genericcloud-amd64.qcow2": {
        name: "import/debian-13-genericcloud-amd64.qcow2",
        content: "import",
        format: "qcow2",
        size: 420_000_000,
        created: 1_760_000_000,
      },
      "snippets/web.yaml": {
        name: "snippets/web.yaml",
        content: "snippets",
        format: "snippet",
        size: userData.length,
        created: 1_760_000_000,
        data: Buffer.from(userData).toString("base64"),
      },
    });
  });
  stack = await createDemoStack(folder, simulator);
});

afterAll(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

test("up makes the machine, and learns its address from the agent", async () => {
  const { summary, outputs } = await stack.up();
  expect(summary.resourceChanges).toEqual({ create: 3 });
  expect(outputs["addresses"]?.value).toContainEqual(["10.20.0.30"]);
  expect(await config()).toMatchObject({
    agent: expect.stringContaining("enabled=1") as string,
    bios: "ovmf",
    cores: 2,
    efidisk0: "local-zfs:vm-100-disk-0,efitype=4m,pre-enrolled-keys=0,size=1M",
    ide2: "local-zfs:vm-100-cloudinit,media=cdrom",
    ipconfig0: "gw=10.20.0.1,ip=10.20.0.30/24",
    memory: "2048",
    scsi0: expect.stringMatching(/^local-zfs:vm-100-disk-1,.*size=20G/) as string,
    tags: "homelab;web",
  });
});

test("preview and refresh find nothing to change", async () => {
  expect((await stack.preview({ expectNoChanges: true })).changeSummary).toEqual({ same: 3 });
  expect((await stack.refresh({ expectNoChanges: true })).summary.resourceChanges).toEqual({ same: 3 });
});

test("more memory is an update in place", async () => {
  await stack.setConfig("memory", { value: "4096" });
  expect((await stack.preview()).changeSummary).toEqual({ same: 2, update: 1 });
  await stack.up();
  expect(await config()).toMatchObject({ memory: "4096" });
  expect((await stack.preview({ expectNoChanges: true })).changeSummary).toEqual({ same: 3 });
});

test("destroy leaves nothing", async () => {
  await stack.destroy();
  expect(await simulator.request("GET", "/nodes/pve-01/qemu")).toEqual([]);
  expect(await simulator.request("GET", "/nodes/pve-01/storage/local-zfs/content")).toEqual([]);
});

test("nothing that the provider asked for was missing in the simulator", () => {
  expect(simulator.unimplemented).toEqual([]);
});

function config(): Promise<Record<string, unknown>> {
  return simulator.request("GET", "/nodes/pve-01/qemu/100/config");
}
