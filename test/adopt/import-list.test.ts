import { expect, test } from "vitest";
import { findDifferences } from "../../src/adopt/differences.ts";
import { planImport } from "../../src/adopt/import-list.ts";
import { renderReport } from "../../src/adopt/render.ts";
import { assumeState, completeState, transferState } from "../../src/adopt/state.ts";

const prefix = "urn:pulumi:homelab::homelab";
const root = `${prefix}::homelab:index:Homelab::homelab`;
const provider = `${prefix}::homelab:index:Homelab$pulumi:providers:proxmoxve::proxmox`;
const container = "proxmoxve:index/containerLegacy:ContainerLegacy";
const grafana = `${prefix}::homelab:index:Homelab$homelab:guest:Container$${container}::grafana`;
const secret = (ciphertext: string) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext,
});

const list = {
  nameTable: {},
  resources: [
    { type: "homelab:index:Homelab", name: "homelab", component: true },
    { type: "pulumi:providers:proxmoxve", name: "proxmox", parent: "homelab" },
    { type: "homelab:host:ProxmoxHost", name: "pve-02", parent: "homelab", component: true },
    { type: "homelab:guest:Container", name: "grafana", parent: "homelab", component: true },
    { type: "homelab:guest:Container", name: "loki", parent: "homelab", component: true },
    { type: container, name: "grafanaContainer", logicalName: "grafana", parent: "grafana", provider: "proxmox" },
    { type: container, name: "lokiContainer", logicalName: "loki", parent: "loki", provider: "proxmox" },
  ],
};

test("the list has what is there, with the components around it and those that hold nothing", () => {
  const plan = planImport(list, prefix, new Map([[grafana, { id: "20010" }]]));
  expect(plan.prerequisites).toEqual([root, provider]);
  expect(plan.list.nameTable).toEqual({ homelab: root, proxmox: provider });
  expect(plan.list.resources.map(({ name, id }) => [name, id])).toEqual([
    ["pve-02", undefined],
    ["grafana", undefined],
    ["grafanaContainer", "20010"],
  ]);
});

test("where the provider is in the state already, nothing has to be made before", () => {
  const nameTable = { homelab: root, proxmox: provider };
  const plan = planImport({ nameTable, resources: list.resources.slice(2) }, prefix, new Map([[grafana, { id: "1" }]]));
  expect(plan.prerequisites).toEqual([]);
  expect(plan.list.nameTable).toEqual(nameTable);
});

test("a state is assumed of the inputs, with defaults and secrets and without the engine's marks", () => {
  const inputs = { __defaults: ["a"], password: "[secret]", disk: { __defaults: [], size: 8 } };
  expect(assumeState("nas", inputs, { verify: true }, { password: secret("here") })).toEqual({
    id: "nas",
    inputs: { ...inputs, password: secret("here") },
    outputs: { password: secret("here"), disk: { size: 8 }, verify: true, id: "nas" },
  });
  expect(() => assumeState("nas", inputs, {}, {})).toThrow("The engine's plan has no secret at password.");
});

test("a state that was read elsewhere takes its secrets from here, and keeps none that the program does not give", () => {
  const { ciphertext: _, ...mark } = secret("");
  const account = { password: { ...mark, plaintext: '""' }, token: { ...mark, plaintext: '"t"' }, keys: ["k"] };
  const state = { password: { ...mark, plaintext: '"p"' }, account };
  const read = { inputs: state, outputs: { ...state, __pulumi_raw_state_delta: { secret: secret("x") } } };
  const here = { password: secret("here"), account: { password: "", keys: ["k"] } };
  expect(transferState("nas", read, { password: secret("here") })).toEqual({ id: "nas", inputs: here, outputs: here });
});

test("differences say was, is, where in the inventory, and whether they replace", () => {
  const step = {
    op: "replace",
    urn: grafana,
    oldState: { inputs: {}, outputs: { memory: { dedicated: 2048 }, nodeName: "pve-02" } },
    newState: { inputs: { memory: { dedicated: 1024 }, nodeName: "pve-01" }, outputs: {} },
    diffReasons: ["memory", "nodeName", "timeoutStart"],
    replaceReasons: ["nodeName"],
    detailedDiff: { "memory.dedicated": {} },
  };
  const other = { ...step, urn: `${grafana}-2` };
  const differences = findDifferences({ steps: [step, other] }, new Set([grafana]));
  const file = "config/homelab/containers.yaml";
  expect(differences.map(({ urn: _, ...difference }) => difference)).toEqual([
    {
      ...{ property: "memory.dedicated", was: 2048, is: 1024, replaces: false, isDefault: false },
      place: { file, key: "containers.grafana.memory" },
    },
    {
      ...{ property: "nodeName", was: "pve-02", is: "pve-01", replaces: true, isDefault: false },
      place: { file, key: "containers.grafana.node" },
    },
    {
      ...{ property: "timeoutStart", was: "", is: "", replaces: false, isDefault: false },
      place: { file, key: "containers.grafana" },
    },
  ]);
  const found = { kind: "there" } as const;
  const resource = { urn: grafana, type: container, name: "grafana", word: "container", inputs: {}, found };
  const report = renderReport({ resources: [resource], differences }, 120);
  expect(report).toContain("│ ✗ │ container │ grafana │ Is there; up would replace it (see below).");
  expect(report).toContain(
    `\n✗ container grafana\n  memory.dedicated: is 2048, the inventory says 1024\n    containers.grafana.memory in ${file}\n  nodeName: is "pve-02", the inventory says "pve-01" (replaces it)\n`,
  );
  expect(report).toContain("  timeoutStart: is nothing, the inventory leaves it to the provider\n");
});

test("what a node's firewall goes by without a word is named, and is no difference", () => {
  const type = "proxmoxve:node/firewall:Firewall";
  const urn = `${prefix}::homelab:index:Homelab$homelab:network:ClusterFirewall$${type}::pve-01`;
  const step = {
    op: "update",
    urn,
    oldState: { inputs: {}, outputs: { nodeName: "pve-01", enabled: false } },
    newState: { inputs: { nodeName: "pve-01", enabled: false }, outputs: {} },
    diffReasons: ["ndp", "nftables"],
  };
  const differences = findDifferences({ steps: [step] }, new Set([urn]));
  expect(differences).toMatchObject([
    { property: "ndp", isDefault: true },
    { property: "nftables", isDefault: true },
  ]);
  const found = { kind: "there" } as const;
  const resource = { urn, type, name: "pve-01", word: "node firewall", inputs: {}, found };
  const report = renderReport({ resources: [resource], differences }, 160);
  expect(report).toMatch(/│ ✓ │ node firewall │ pve-01 │ Is there; up changes nothing in force/);
  expect(report).toContain("ndp, nftables.");
});

test("a state is completed by what is in force where the server says nothing", () => {
  const state = {
    version: 3,
    deployment: {
      manifest: {},
      resources: [
        { urn: grafana, inputs: {}, outputs: { enabled: true, policy: "", __pulumi_raw_state_delta: {} } },
        { urn: root, inputs: {}, outputs: {} },
      ],
    },
  };
  const unsaid = new Map([[grafana, { enabled: false, policy: "DROP", radv: false }]]);
  expect(completeState(state, unsaid)).toEqual({
    version: 3,
    deployment: {
      manifest: {},
      resources: [
        { urn: grafana, inputs: {}, outputs: { enabled: true, policy: "DROP", radv: false } },
        { urn: root, inputs: {}, outputs: {} },
      ],
    },
  });
});
