import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDemoStack } from "../../scripts/demo-stack.ts";
import { Deployment } from "../../src/adopt/engine-files.ts";
import { withoutReferences } from "../../src/drift/forget-missing.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { planHomelab } from "../../src/plan/plan.ts";
import { previewChanges, previewRefusal } from "./changes.ts";
import { buildByHand } from "./hand-built.ts";
import { ProjectCopy } from "./project.ts";
import { scriptArguments } from "./run-script.ts";

// The tests build on each other: a homelab that was clicked together, and an empty stack that adopts it.
let project: ProjectCopy;
let simulator: Simulator;
let stack: Stack;

const installerBridge = "vmbr0: { origin: installer, ports: [enp1s0], vlanAware: true }";

beforeAll(async () => {
  project = new ProjectCopy();
  project.edit(
    "nodes.yaml",
    installerBridge,
    `${installerBridge}\n    vmbr1: { origin: create, ports: [enp2s0], vlanAware: true }`,
  );
  // What is set up in guests is no part of this: only the nodes keep their steps.
  project.write("services.yaml", "domain: home.example.net\n");
  project.edit("machines.yaml", ", path: /var/opt/gitlab", "");
  simulator = await startSimulator();
  await buildByHand(simulator, planHomelab(loadInventory(project.folder)));
  stack = await createDemoStack(project.folder, simulator);
});

afterAll(async () => {
  await simulator.close();
  project.remove();
});

describe("a homelab that someone has built by hand, not quite as the inventory says", () => {
  test("is compared with the inventory, and nothing is imported unless someone says so", async () => {
    const built = simulator.state;
    await simulator.request("PUT", "/nodes/pve-01/lxc/20010/config", { memory: "2048" });
    await simulator.request("DELETE", "/cluster/backup/daily-pve-01");
    await simulator.request("DELETE", "/cluster/backup/daily-pve-02");
    const made = { id: "backup-8d2f1c3a-77b0", schedule: "02:30", storage: "nas", node: "pve-02", all: "1" };
    await simulator.request("POST", "/cluster/backup", made);
    // Without a word the datacenter's firewall is off.
    await simulator.request("PUT", "/cluster/firewall/options", { delete: "enable" });
    simulator.change(({ volumes }) => {
      const snippet = volumes["pve-01/homelab"]?.["snippets/20030-gitlab-user-data.yaml"];
      if (snippet !== undefined) snippet.size += 1;
    });
    const { code, output, written } = await adopt([]);
    simulator.reset(built);
    expect(written).toEqual([]);
    expect(output).toContain(
      "memory.dedicated: is 2048, the inventory says 1024\n    containers.grafana.memory in config/homelab/containers.yaml\n",
    );
    expect(output).toMatch(/│ \+ │ backup job +│ daily-pve-01 +│ Is not there; up creates it\./);
    expect(output).toMatch(/│ \+ │ snippet +│ gitlab-user-data +│ It has \d+ bytes, and \d+ are to be in it\./);
    expect(output).toContain("Nothing was imported. Do it with --yes, or by hand:");
    expect(output).toContain("enabled: is false, the inventory says true\n    the program itself\n");
    expect(output).toMatch(/│ ✗ │ backup job +│ daily-pve-02 +│ Is not there; there is one like it under another ID:/);
    expect(output).toContain("\n  pvesh delete /cluster/backup/backup-8d2f1c3a-77b0\n");
    expect(output).toMatch(/│ ✓ │ node firewall +│ pve-01 +│ Is there; up changes nothing in force/);
    expect(output.match(/^[!✗] .*/gm)?.sort()).toEqual([
      "! cluster firewall homelab",
      "! container grafana",
      "✗ backup job daily-pve-02",
    ]);
    expect(code).toBe(1);
    expect(await resourcesOf(stack)).toEqual([]);
  });

  test("is adopted into the empty stack, and nothing on the server is changed", async () => {
    const { code, output, written } = await adopt(["--yes"]);
    expect(output).not.toMatch(/│ [!+✗] │/);
    expect(output).toContain("37 resources imported.");
    expect(written).toEqual([]);
    expect(code).toBe(0);
  });
});

describe("what was adopted", () => {
  test("is left as it is: nodes and guests get their steps, and firewalls of nodes what they go by without a word", async () => {
    const changes = (await previewChanges(stack)).map((change) => change.replace(/:.*/, ""));
    const guests = planHomelab(loadInventory(project.folder)).steps.filter(({ place }) => place.kind !== "node");
    expect(changes).toEqual(
      [
        ...guests.flatMap(({ name }) => [`create Command ${name}-ssh-keys`, `create Provisioning ${name}`]),
        "create Command pve-01-arc-limit",
        "create Command pve-01-fast-care",
        "create Command pve-01-rpool-care",
        "create Command pve-02-arc-limit",
        "create Command pve-02-rpool-care",
        "create Provisioning pve-01",
        "create Provisioning pve-02",
        "update Firewall pve-01",
        "update Firewall pve-02",
      ].sort(),
    );
  });

  test("is protected until the first up, which gives it the program's flags", async () => {
    const adopted = (await resourcesOf(stack)).filter(({ type }) => type.startsWith("proxmoxve:"));
    expect(adopted).toHaveLength(37);
    expect(adopted.filter(({ protect }) => protect !== true)).toEqual([]);
    const before = simulator.requests.length;
    await stack.up();
    expect(writtenSince(before).sort()).toEqual(
      ["pve-01", "pve-02"].map((node) => `PUT /nodes/${node}/firewall/options`),
    );
    const left = (await resourcesOf(stack)).filter(({ protect }) => protect === true);
    const { containers, machines } = loadInventory(project.folder);
    const guests = [...Object.keys(containers), ...Object.keys(machines)];
    expect(left.map(({ urn }) => urn.split("::").at(-1)).sort()).toEqual([...guests, "pve-01-fast"].sort());
  });

  test("needs no change after that, and refresh finds none", async () => {
    await stack.preview({ refresh: true, expectNoChanges: true });
  });

  test("is changed in place from then on", async () => {
    project.edit("containers.yaml", "memory: 1 GiB", "memory: 2 GiB");
    expect(await previewChanges(stack)).toEqual(["update ContainerLegacy grafana: memory"]);
    await stack.up();
    expect(await simulator.request("GET", "/nodes/pve-01/lxc/20010/config")).toMatchObject({ memory: 2048 });
  });

  test("is in the list that was written, without any secret", () => {
    const text = readFileSync(join(project.folder, "adopt.json"), "utf8");
    const { resources } = JSON.parse(text) as { resources: { type: string; id?: string; parent?: string }[] };
    expect(resources).toContainEqual(
      expect.objectContaining({ type: "proxmoxve:network/linux/bridge:Bridge", id: "pve-01:vmbr1" }),
    );
    expect(text).toContain('"ciphertext"');
    expect(text).not.toContain('"plaintext"');
  });
});

describe("what the state of a stack with secrets has lost", () => {
  test("is adopted again, beside what the stack knows", async () => {
    const known = (await resourcesOf(stack)).map(({ urn }) => urn).sort();
    const lost = known.filter(
      (urn) => /::(?:daily-pve-01|grafana|hetzner|weekly-pve-0\d)$/.test(urn) && urn.includes("$proxmoxve:"),
    );
    await forget(lost);
    // The provider would take the guest over without a word.
    expect(await previewRefusal(stack)).toContain("Import it into the state: npm run adopt.");
    const { code, output, written } = await adopt(["--yes"]);
    expect(output).toContain("5 resources imported.");
    expect(written).toEqual([]);
    expect(code).toBe(0);
    expect((await resourcesOf(stack)).map(({ urn }) => urn).sort()).toEqual(known);
    expect(await previewChanges(stack)).toEqual([]);
  });
});

interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly protect?: boolean;
}

async function resourcesOf(of: Stack): Promise<StateResource[]> {
  const { deployment } = (await of.exportStack()) as { deployment: { resources?: StateResource[] } };
  return deployment.resources ?? [];
}

async function forget(urns: readonly string[]): Promise<void> {
  const exported = await stack.exportStack();
  const { deployment } = Deployment.parse(exported);
  const lost = new Set(urns);
  const resources = deployment.resources
    .filter(({ urn }) => !lost.has(urn))
    // What stands in a guest names it, and the engine takes no state with such a gap.
    .map((resource) => withoutReferences(resource, lost));
  await stack.importStack({ ...exported, deployment: { ...deployment, resources } });
}

function writtenSince(index: number): string[] {
  return simulator.requests
    .slice(index)
    .filter(({ method }) => method !== "GET")
    .map(({ method, path }) => `${method} ${path}`);
}

async function adopt(
  options: readonly string[],
): Promise<{ code: number; output: string; written: readonly string[] }> {
  const before = simulator.requests.length;
  const args = scriptArguments("scripts/adopt.ts", ["--stack", "demo", ...options]);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: project.folder, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    child.on("error", reject).on("close", (code) => {
      resolve({ code: code ?? 1, output, written: writtenSince(before) });
    });
  });
}
