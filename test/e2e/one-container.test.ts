import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDemoStack } from "../../scripts/demo-stack.ts";
import { ProjectCopy } from "./project.ts";

// The tests build on each other: one life of a container, from nothing to nothing.
let project: ProjectCopy;
let simulator: Simulator;
let stack: Stack;

beforeAll(async () => {
  project = new ProjectCopy();
  simulator = await startSimulator({});
  stack = await createDemoStack(project.folder, simulator);
});

afterAll(async () => {
  await simulator.close();
  project.remove();
});

test("up builds the inventory's container", async () => {
  const { summary, outputs } = await stack.up();
  expect(summary.result).toBe("succeeded");
  expect(summary.resourceChanges).toEqual({ create: 5 });
  expect(outputs["guests"]?.value).toEqual({ grafana: { vmid: 20010, node: "pve-01", address: "10.20.0.10/24" } });
  expect(await config(20010)).toMatchObject({
    hostname: "grafana",
    cores: 2,
    memory: 1024,
    swap: 512,
    unprivileged: 1,
    tags: "homelab;monitoring",
    nameserver: "10.20.0.1",
    rootfs: "local-zfs:subvol-20010-disk-0,size=8G",
    net0: expect.stringMatching(
      /^name=eth0,bridge=vmbr0,gw=10\.20\.0\.1,host-managed=0,hwaddr=BC:24:11:[0-9A-F:]+,ip=10\.20\.0\.10\/24,tag=20,type=veth$/,
    ) as string,
  });
  expect(await get<{ status: string }>("/nodes/pve-01/lxc/20010/status/current")).toMatchObject({ status: "running" });
});

test("preview and refresh find nothing to change, twice", async () => {
  for (let round = 0; round < 2; round++) {
    const { changeSummary } = await stack.preview({ expectNoChanges: true });
    expect(changeSummary).toEqual({ same: 5 });
    const { summary } = await stack.refresh({ expectNoChanges: true });
    expect(summary.resourceChanges).toEqual({ same: 5 });
  }
});

test("the token is encrypted in settings and state", () => {
  const secret = simulator.apiToken.split("=")[1] ?? "";
  expect(secret).not.toBe("");
  const state = readFileSync(join(project.folder, ".homelab/demo/state/.pulumi/stacks/homelab/demo.json"), "utf8");
  expect(state).toContain('"grafana"');
  expect(state).not.toContain(secret);
  expect(readFileSync(join(project.folder, "Pulumi.demo.yaml"), "utf8")).not.toContain(secret);
});

test("more memory in the inventory is an update in place", async () => {
  project.edit("containers.yaml", "memory: 1 GiB", "memory: 2 GiB");
  const { changeSummary } = await stack.preview();
  expect(changeSummary).toEqual({ same: 4, update: 1 });
  await stack.up();
  expect(await config(20010)).toMatchObject({ memory: 2048, cores: 2 });
  expect((await stack.preview({ expectNoChanges: true })).changeSummary).toEqual({ same: 5 });
});

test("a change behind our back is found by refresh and undone by up", async () => {
  await put("/nodes/pve-01/lxc/20010/config", { cores: "1" });
  await expect(stack.refresh({ expectNoChanges: true, previewOnly: true })).rejects.toThrow(/no changes were expected/);
  expect((await stack.up({ refresh: true })).summary.resourceChanges).toMatchObject({ update: 1 });
  expect(await config(20010)).toMatchObject({ cores: 2 });
});

test("without our certificate authority the provider refuses the connection", async () => {
  const trusted = stack.workspace.envVars["SSL_CERT_FILE"];
  stack.workspace.envVars["SSL_CERT_FILE"] = "/dev/null";
  stack.workspace.envVars["SSL_CERT_DIR"] = "/nonexistent";
  try {
    await expect(stack.refresh()).rejects.toThrow(/certificate signed by unknown authority/);
  } finally {
    stack.workspace.envVars["SSL_CERT_FILE"] = trusted ?? "";
    delete stack.workspace.envVars["SSL_CERT_DIR"];
  }
});

test("a broken inventory stops before anything is sent", async () => {
  project.edit("containers.yaml", "node: pve-01", "node: pve-1");
  const before = simulator.requests.length;
  await expect(stack.preview()).rejects.toThrow(
    /containers\.yaml:3:9 {2}containers\.grafana\.node[^]*Did you mean "pve-01"\?/,
  );
  expect(simulator.requests.length).toBe(before);
  project.edit("containers.yaml", "node: pve-1", "node: pve-01");
});

test("an error of the program names its line in the TypeScript, at once", async () => {
  const source = join(project.folder, "src/plan/plan.ts");
  const text = readFileSync(source, "utf8");
  const line = text.split("\n").findIndex((candidate) => candidate.includes("const nodes =")) + 1;
  writeFileSync(source, text.replace("  const nodes =", '  if (inventory) throw new Error("boom");\n  const nodes ='));
  const start = performance.now();
  await expect(stack.preview()).rejects.toThrow(new RegExp(`Error: boom\\n.*src/plan/plan\\.ts:${line}:`));
  // Ten times what it takes; without src/readable-errors.ts it was ten times more than this.
  expect(performance.now() - start).toBeLessThan(20_000);
  writeFileSync(source, text);
});

test("destroy leaves nothing", async () => {
  await stack.destroy();
  expect(await get("/cluster/resources?type=vm")).toEqual([]);
  expect(await get("/nodes/pve-01/storage/local-zfs/content")).toEqual([]);
  expect((await stack.exportStack()).deployment).not.toHaveProperty("resources");
});

test("nothing that the provider asked for was missing in the simulator", () => {
  expect(simulator.unimplemented).toEqual([]);
});

async function config(vmid: number): Promise<Record<string, unknown>> {
  return get(`/nodes/pve-01/lxc/${vmid}/config`);
}

function get<T>(path: string): Promise<T> {
  return simulator.request<T>("GET", path);
}

function put(path: string, parameters: Record<string, string>): Promise<unknown> {
  return simulator.request("PUT", path, parameters);
}
