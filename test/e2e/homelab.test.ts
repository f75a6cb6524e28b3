import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDemoStack } from "../../scripts/demo-stack.ts";
import { previewChanges, previewRefusal } from "./changes.ts";
import { ProjectCopy } from "./project.ts";
import { openTarget, whyNotInside, type Target } from "./target.ts";

// The tests build on each other: one life of the shipped homelab, on a simulator or where PROXMOX_VE_ENDPOINT leads.
// Guests only get SSH keys: what else is set up in them is tried in services.test.ts.
let project: ProjectCopy;
let target: Target;
let stack: Stack;

const testInside = test.skipIf(whyNotInside !== undefined);
const inside = (title: string) => (whyNotInside === undefined ? title : `${title} (skipped: ${whyNotInside})`);

beforeAll(async () => {
  project = new ProjectCopy({ services: false, disposable: true });
  target = await openTarget(project.folder);
  stack = await createDemoStack(project.folder, target);
});

afterAll(async () => {
  // A simulator of one's own goes with all that is in it; from elsewhere everything goes that is not protected.
  if (target.simulator === undefined) await stack.destroy({ excludeProtected: true });
  await target.close();
  project.remove();
});

describe("up builds the shipped inventory", () => {
  test("all of it, and tells what was built", async () => {
    const { summary, outputs } = await stack.up();
    expect(summary.resourceChanges).toEqual({ create: 94 });
    expect(Object.keys(outputs).sort()).toEqual(["backupCoverage", "guests", "nodes", "storages", "urls"]);
    expect(Object.keys(outputs["guests"]?.value as object)).toHaveLength(13);
    expect(outputs["guests"]?.value).toMatchObject({
      gitlab: { kind: "machine", vmid: 20030, node: "pve-01", address: "10.20.0.30/24", url: "https://10.20.0.30/" },
      grafana: { kind: "container", vmid: 20010, node: "pve-01" },
    });
    expect(outputs["backupCoverage"]?.value).toMatchObject({
      grafana: [
        { job: "daily", storage: "nas", schedule: "01:00" },
        { job: "weekly", storage: "hetzner", schedule: "sun 04:00" },
      ],
    });
  });

  test("a pool on the unused disk, and nothing on those of the installer", async () => {
    const names = async (node: string) =>
      (await get<{ name: string }[]>(`/nodes/${node}/disks/zfs`)).map(({ name }) => name).sort();
    expect(await names("pve-01")).toEqual(["fast", "rpool"]);
    expect(await names("pve-02")).toEqual(["rpool"]);
    expect(await get("/nodes/pve-01/disks/zfs/fast")).toMatchObject({ state: "ONLINE" });
  });

  testInside(inside("nothing was even asked for of the installer's pools"), () => {
    const writes = requests().filter(({ method, path }) => method !== "GET" && path.includes("rpool"));
    expect(writes).toEqual([]);
  });

  test("storages, the one outside the house with encryption and a password", async () => {
    expect(await get("/storage/hetzner")).toMatchObject({
      type: "cifs",
      server: "u123456.your-storagebox.de",
      options: "seal,vers=3.11",
      content: "backup",
    });
    expect(await get("/storage/fast")).toMatchObject({ type: "zfspool", pool: "fast", nodes: "pve-01", sparse: 1 });
    expect(await get("/storage/local-zfs")).toMatchObject({ pool: "rpool/data" });
  });

  test("a container that is unprivileged and runs", async () => {
    expect(await config("pve-01/lxc/20011")).toMatchObject({
      hostname: "prometheus",
      unprivileged: 1,
      features: "nesting=1",
      rootfs: expect.stringMatching(/^fast:subvol-20011-disk-\d,size=8G$/) as string,
      mp0: expect.stringMatching(/^fast:subvol-20011-disk-\d,mp=\/var\/lib\/prometheus,backup=1,size=64G$/) as string,
      onboot: 1,
      tags: "homelab;monitoring",
    });
    expect(await get("/nodes/pve-01/lxc/20011/status/current")).toMatchObject({ status: "running" });
  });

  test("a machine from a cloud image, whose agent answers once cloud-init has put it in", async () => {
    expect(await config("pve-01/qemu/20030")).toMatchObject({
      agent: expect.stringContaining("enabled=1") as string,
      bios: "ovmf",
      cicustom: "user=homelab:snippets/20030-gitlab-user-data.yaml",
      ipconfig0: "gw=10.20.0.1,ip=10.20.0.30/24",
      scsi0: expect.stringMatching(/^fast:vm-20030-disk-\d,.*size=40G/) as string,
      scsi1: expect.stringMatching(/^fast:vm-20030-disk-\d,.*size=200G/) as string,
      protection: 1,
    });
    const answer = await get<{ result: { "ip-addresses"?: { "ip-address": string }[] }[] }>(
      "/nodes/pve-01/qemu/20030/agent/network-get-interfaces",
    );
    const addresses = answer.result.flatMap((card) => card["ip-addresses"] ?? []);
    expect(addresses.map((address) => address["ip-address"])).toContain("10.20.0.30");
  });

  test("the machine in the DMZ behind a firewall that drops what no rule lets through", async () => {
    expect(await config("pve-02/qemu/30010")).toMatchObject({
      net0: expect.stringMatching(/bridge=vmbr0.*firewall=1.*tag=30/) as string,
    });
    const firewall = "/nodes/pve-02/qemu/30010/firewall";
    expect(await get(`${firewall}/options`)).toMatchObject({ enable: 1, policy_in: "DROP", policy_out: "DROP" });
    const rules = await get<{ type: string; action: string; dport?: string; source?: string }[]>(`${firewall}/rules`);
    expect(rules.filter(({ type }) => type === "in").map(({ dport, source }) => [dport, source])).toEqual([
      ["80", undefined],
      ["443", undefined],
      ["22", "10.10.0.0/24"],
    ]);
  });

  test("management is never locked out: each node's own firewall is decided, and the datacenter's lets in", async () => {
    expect(await get("/cluster/firewall/options")).toMatchObject({ enable: 1, policy_in: "ACCEPT" });
    for (const node of ["pve-01", "pve-02"])
      expect(await get(`/nodes/${node}/firewall/options`)).toMatchObject({ enable: 0 });
  });

  testInside(inside("the datacenter's firewall came on last"), () => {
    const writes = requests().filter(({ method, path }) => method === "PUT" && path.endsWith("/firewall/options"));
    expect(writes.map(({ path }) => path.split("?")[0]).at(-1)).toBe("/cluster/firewall/options");
  });

  test("a job for each node and target, one after the other", async () => {
    const jobs = await get<{ id: string; schedule: string; storage: string; all: number }[]>("/cluster/backup");
    expect(jobs.map(({ id, schedule, storage }) => [id, schedule, storage]).sort()).toEqual([
      ["daily-pve-01", "01:00", "nas"],
      ["daily-pve-02", "02:30", "nas"],
      ["weekly-pve-01", "sun 04:00", "hetzner"],
      ["weekly-pve-02", "sun 08:00", "hetzner"],
    ]);
  });
});

test("preview and refresh find nothing to change, twice", async () => {
  for (let round = 0; round < 2; round++) {
    expect((await stack.preview({ expectNoChanges: true })).changeSummary).toEqual({ same: 94 });
    expect((await stack.refresh({ expectNoChanges: true })).summary.resourceChanges).toEqual({ same: 94 });
  }
});

test("no secret stands in the state or in the settings", async () => {
  const state = readFileSync(join(project.folder, ".homelab/demo/state/.pulumi/stacks/homelab/demo.json"), "utf8");
  const settings = readFileSync(join(project.folder, "Pulumi.demo.yaml"), "utf8");
  expect(state).toContain('"grafana"');
  const [, token = ""] = target.apiToken.split("=");
  const key = target.ssh[0]?.privateKey.split("\n")[1] ?? "";
  const { value: password } = await stack.getConfig("hetznerPassword");
  for (const secret of [token, key, password]) {
    expect(secret).not.toBe("");
    expect(state).not.toContain(secret);
    expect(settings).not.toContain(secret);
  }
});

test("what the inventory warns of and what it waives is told on every run", async () => {
  let output = "";
  await stack.preview({ onOutput: (text) => (output += text) });
  expect(output).toContain("The pool fast of pve-01 is lost with any of its disks.");
  expect(output).toContain("The rule imageChecksum is waived for images.talos:");
});

describe("an edit of the inventory changes what it is about, in place", () => {
  test.for([
    {
      edit: "a container's memory",
      file: "containers.yaml",
      from: "memory: 1 GiB",
      to: "memory: 2 GiB",
      changes: ["update ContainerLegacy grafana: memory"],
      path: "pve-01/lxc/20010",
      after: { memory: 2048 },
    },
    {
      edit: "a machine's memory",
      file: "machines.yaml",
      from: "memory: 16 GiB",
      to: "memory: 20 GiB",
      changes: ["update VmLegacy gitlab: memory"],
      path: "pve-01/qemu/20030",
      after: { memory: "20480" },
    },
    {
      edit: "growth of the disk of a container that holds data",
      file: "containers.yaml",
      from: "disk: { storage: fast, size: 8 GiB }",
      to: "disk: { storage: fast, size: 12 GiB }",
      changes: ["update ContainerLegacy prometheus: disk"],
      path: "pve-01/lxc/20011",
      // The provider writes the size in bytes.
      after: { rootfs: expect.stringContaining(`size=${12 * 2 ** 30}`) as string },
    },
    {
      edit: "growth of a machine's disk",
      file: "machines.yaml",
      from: "size: 200 GiB",
      to: "size: 250 GiB",
      changes: ["update VmLegacy gitlab: disks"],
      path: "pve-01/qemu/20030",
      after: { scsi1: expect.stringContaining("size=250G") as string },
    },
    {
      edit: "a container on another VLAN, as long as it keeps its VMID",
      file: "containers.yaml",
      from: "network: internal\n  address: 10.20.0.10",
      to: "network: kubernetes\n  vmid: 20010\n  address: 10.40.0.100",
      changes: ["update ContainerLegacy grafana: initialization, networkInterfaces"],
      path: "pve-01/lxc/20010",
      after: { net0: expect.stringMatching(/gw=10\.40\.0\.1,.*ip=10\.40\.0\.100\/24,tag=40/) as string },
    },
  ])("$edit", async ({ file, from, to, changes, path, after }) => {
    project.edit(file, from, to);
    expect(await previewChanges(stack)).toEqual(changes);
    await stack.up();
    expect(await config(path)).toMatchObject(after);
  });

  test("a job's schedule", async () => {
    project.edit("backups.yaml", 'pve-01: "01:00"', 'pve-01: "00:30"');
    expect(await previewChanges(stack)).toEqual(["update Job daily-pve-01: schedule"]);
    await stack.up();
    expect(await get("/cluster/backup/daily-pve-01")).toMatchObject({ schedule: "00:30" });
  });

  test("another key replaces no guest: a step brings it to those that exist", async () => {
    await project.with("access.yaml", " example@homelab", " somebody@homelab", async () => {
      const changes = await previewChanges(stack);
      expect(changes).toHaveLength(8);
      for (const change of changes) expect(change).toMatch(/^replace Command \S+-ssh-keys: delete, stdin, triggers$/);
    });
  });
});

describe("guests come and go", () => {
  const loki = `loki:
  node: pve-02
  disposable: true
  network: internal
  address: 10.20.0.13
  image: debian-13-container
  cores: 1
  memory: 512 MiB
  disk: { storage: local-zfs, size: 8 GiB }
`;

  test("a new one is created, and nothing else changes", async () => {
    project.write("containers.yaml", `${project.read("containers.yaml")}\n${loki}`);
    expect(await previewChanges(stack)).toEqual([
      "create Command loki-ssh-keys",
      "create Container loki",
      "create ContainerLegacy loki",
      "create Provisioning loki",
    ]);
    await stack.up();
    expect(await get("/nodes/pve-02/lxc/20013/status/current")).toMatchObject({ status: "running" });
  });

  test("one that is disposable and is taken out is deleted", async () => {
    project.edit("containers.yaml", loki, "");
    expect(await previewChanges(stack)).toEqual([
      "delete Command loki-ssh-keys",
      "delete Container loki",
      "delete ContainerLegacy loki",
      "delete Provisioning loki",
    ]);
    await stack.up();
    await expect(get("/nodes/pve-02/lxc/20013/config")).rejects.toThrow(/does not exist/);
  });

  test("one that is disposable and moves to another node is replaced there, and its firewall with it", async () => {
    await project.with(
      "machines.yaml",
      "node: pve-02\n  disposable: true\n  network: dmz",
      "node: pve-01\n  disposable: true\n  network: dmz",
      async () => {
        expect(await previewChanges(stack)).toEqual([
          "replace Command traefik-dmz-ssh-keys",
          "replace FileLegacy traefik-dmz-user-data: nodeName",
          "replace OptionsLegacy traefik-dmz-firewall-options",
          "replace RulesLegacy traefik-dmz-firewall",
          "replace VmLegacy traefik-dmz: nodeName",
        ]);
        await stack.up();
        const firewall = "/nodes/pve-01/qemu/30010/firewall";
        expect(await get(`${firewall}/options`)).toMatchObject({ enable: 1, policy_in: "DROP" });
        expect(await get(`${firewall}/rules`)).toHaveLength(12);
      },
    );
    await stack.up();
  });
});

test("after all these changes there is nothing left to change", async () => {
  await stack.preview({ expectNoChanges: true });
  await stack.refresh({ expectNoChanges: true });
});

test("a change behind our back is found by refresh and undone by up", async () => {
  await target.request("PUT", "/nodes/pve-01/lxc/20010/config", { cores: "1" });
  await expect(stack.refresh({ expectNoChanges: true, previewOnly: true })).rejects.toThrow(/no changes were expected/);
  expect((await stack.up({ refresh: true })).summary.resourceChanges).toMatchObject({ update: 1 });
  expect(await config("pve-01/lxc/20010")).toMatchObject({ cores: 2 });
});

describe("what cannot be built is refused before anything is sent", () => {
  test("a broken inventory, with file, line and remedy", async () => {
    await project.with("containers.yaml", "node: pve-01", "node: pve-1", async () => {
      expect(await previewRefusal(stack)).toMatch(
        /containers\.yaml:4:9 {2}containers\.grafana\.node[^]*Did you mean "pve-01"\?/,
      );
    });
  });

  testInside(inside("a broken inventory, before the first request"), async () => {
    const before = requests().length;
    await project.with("containers.yaml", "node: pve-01", "node: pve-1", () => previewRefusal(stack));
    expect(requests().length).toBe(before);
  });

  test("a missing secret, with the command that sets it", async () => {
    const password = await stack.getConfig("hetznerPassword");
    await stack.removeConfig("hetznerPassword");
    expect(await previewRefusal(stack)).toContain("npm run pulumi -- config set --secret --stack demo hetznerPassword");
    await stack.setConfig("hetznerPassword", password);
  });

  test("a certificate of an authority that is not ours", async () => {
    const { envVars } = stack.workspace;
    const trusted = envVars["SSL_CERT_FILE"] ?? "";
    Object.assign(envVars, { SSL_CERT_FILE: "/dev/null", SSL_CERT_DIR: "/nonexistent" });
    // Of one guest only: each attempt is made three times.
    const target = [await urnOf("grafana")];
    await expect(stack.refresh({ target })).rejects.toThrow(/certificate signed by unknown authority/);
    envVars["SSL_CERT_FILE"] = trusted;
    delete envVars["SSL_CERT_DIR"];
  });

  test("an error of the program, which names its line in the TypeScript, at once", async () => {
    const source = join(project.folder, "src/plan/plan.ts");
    const text = readFileSync(source, "utf8");
    const line = text.split("\n").findIndex((candidate) => candidate.includes("const nodes =")) + 1;
    writeFileSync(
      source,
      text.replace("  const nodes =", '  if (inventory) throw new Error("boom");\n  const nodes ='),
    );
    const start = performance.now();
    expect(await previewRefusal(stack)).toMatch(new RegExp(`Error: boom\\n.*src/plan/plan\\.ts:${line}:`));
    // Ten times what it takes; without toolchain/readable-errors.mjs it was ten times more than this.
    expect(performance.now() - start).toBeLessThan(20_000);
    writeFileSync(source, text);
  });
});

testInside(inside("nothing that the provider asked for was missing in the simulator"), () => {
  expect(target.simulator?.unimplemented).toEqual([]);
});

function config(path: string): Promise<Record<string, unknown>> {
  return get(`/nodes/${path}/config`);
}

function get<T>(path: string): Promise<T> {
  return target.request<T>("GET", path);
}

function requests(): readonly { readonly method: string; readonly path: string }[] {
  if (target.simulator === undefined) throw new Error("Nothing records the requests to this target.");
  return target.simulator.requests;
}

async function urnOf(container: string): Promise<string> {
  const { deployment } = (await stack.exportStack()) as { deployment: { resources: { urn: string }[] } };
  const found = deployment.resources.find(({ urn }) => urn.endsWith(`ContainerLegacy::${container}`));
  if (found === undefined) throw new Error(`The stack has no container ${container}.`);
  return found.urn;
}
