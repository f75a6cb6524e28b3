import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDemoStack } from "../../scripts/demo-stack.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { planHomelab } from "../../src/plan/plan.ts";
import { previewChanges } from "./changes.ts";
import { GuestInside } from "./guest-inside.ts";
import { ProjectCopy } from "./project.ts";
import { runScript } from "./run-script.ts";
import "./skip-checkpoints.ts";

// The tests build on each other: what is set up in guests and on nodes, from nothing on.
let project: ProjectCopy;
let simulator: Simulator;
let stack: Stack;
let prometheus: GuestInside;

beforeAll(async () => {
  project = new ProjectCopy();
  simulator = await startSimulator({});
  stack = await createDemoStack(project.folder, simulator);
  prometheus = new GuestInside(simulator, 20011);
});

afterAll(async () => {
  await simulator.close();
  project.remove();
});

test("up sets up every guest and every node, each step a resource of its own", async () => {
  await stack.up();
  const planned = planHomelab(loadInventory(project.folder)).steps.flatMap(({ steps }) =>
    steps.map(({ name }) => name),
  );
  expect((await stepsInState()).sort()).toEqual(planned.sort());
  expect(planned.length).toBeGreaterThan(30);
  expect(prometheus.file("/etc/prometheus/prometheus.yml")).toContain("scrape_interval: 30s");
  expect(prometheus.isActive("prometheus")).toBe(true);
});

test("a second time there is nothing to do, twice", async () => {
  for (let round = 0; round < 2; round++) expect(await previewChanges(stack)).toEqual([]);
});

test("secrets are in files of their own, and neither in the state nor where others in the guest may read them", () => {
  const state = stateText();
  const grafana = new GuestInside(simulator, 20010);
  const secrets = grafana
    .files()
    .filter(({ path }) => /password|secret/.test(path) && !path.startsWith("/var/lib/homelab"));
  expect(secrets.length).toBeGreaterThan(0);
  for (const { path, mode, text } of secrets) {
    expect([path, mode & 0o007]).toEqual([path, 0]);
    expect(text.trim()).not.toBe("");
    expect(state).not.toContain(text.trim());
  }
});

test("all nodes write what they measure into InfluxDB, with a token that was made there and that nobody can read", async () => {
  const header = new GuestInside(simulator, 20012).file("/etc/influxdb/secrets/proxmox-header") ?? "";
  const { sections, secrets } = simulator.state;
  expect(sections.metricServers["influxdb"]).toMatchObject({ server: "10.20.0.12", port: "8086", bucket: "proxmox" });
  const token = secrets?.metricServers?.["influxdb"]?.["token"];
  expect(header).toBe(`Authorization: Token ${String(token)}\n`);
  expect(stateText()).not.toContain(String(token));
  await stack.refresh();
  expect(await previewChanges(stack)).toEqual([]);
});

describe("another scrape interval", () => {
  test("of one job changes one file, with one reload", async () => {
    const before = allFiles();
    const reloads = prometheus.reloads("prometheus");
    project.edit("services.yaml", "scrapeInterval: 30 s", "scrapeInterval: 30 s\n  scrapeIntervals: { pve: 40 s }");
    expect(await previewChanges(stack)).toEqual([applied("prometheus-configuration")]);
    await stack.up();
    expect(changedFiles(before, allFiles())).toEqual(["prometheus:/etc/prometheus/prometheus.yml"]);
    expect(prometheus.reloads("prometheus")).toBe(reloads + 1);
    expect(await previewChanges(stack)).toEqual([]);
  });

  test("of all changes Prometheus's configuration and what Grafana knows of it: one file and one reload there", async () => {
    const before = prometheus.files();
    const reloads = prometheus.reloads("prometheus");
    project.edit("services.yaml", "scrapeInterval: 30 s", "scrapeInterval: 20 s");
    expect(await previewChanges(stack)).toEqual([
      applied("grafana-configuration"),
      applied("prometheus-configuration"),
    ]);
    await stack.up();
    expect(changedFiles(before, prometheus.files())).toEqual(["/etc/prometheus/prometheus.yml"]);
    expect(prometheus.reloads("prometheus")).toBe(reloads + 1);
    expect(await previewChanges(stack)).toEqual([]);
  });

  test("that cannot be reloaded is an error with the service's own message, and the old file stays", async () => {
    prometheus.unit("prometheus", "fails to reload: cannot open the WAL");
    project.edit("services.yaml", "scrapeInterval: 20 s", "scrapeInterval: 40 s");
    const failure = await upFailure();
    expect(failure).toContain(
      "1. step prometheus-configuration in prometheus (VMID 20011) on pve-01: create-replacement failed.",
    );
    expect(failure).toContain("cannot open the WAL");
    expect(failure).toContain("what was there before is put back");
    expect(prometheus.file("/etc/prometheus/prometheus.yml")).toContain("scrape_interval: 20s");
  });

  test("goes through with the next up, once the service can reload again", async () => {
    prometheus.unit("prometheus", "works");
    await stack.up();
    expect(prometheus.file("/etc/prometheus/prometheus.yml")).toContain("scrape_interval: 40s");
    expect(await previewChanges(stack)).toEqual([]);
  });
});

describe("what somebody has changed by hand is seen in a preview, and healed by up", () => {
  test("a file", async () => {
    prometheus.write("/etc/prometheus/prometheus.yml", "global: {}\n");
    expect(await previewWarnings()).toContain(
      "prometheus-configuration in prometheus is no longer as it was applied, and will be applied again: /etc/prometheus/prometheus.yml",
    );
    expect(await previewChanges(stack)).toEqual([applied("prometheus-configuration")]);
    await stack.up();
    expect(prometheus.file("/etc/prometheus/prometheus.yml")).toContain("scrape_interval: 40s");
    expect(await previewChanges(stack)).toEqual([]);
  });

  test("a service that was stopped", async () => {
    prometheus.unit("prometheus", "stopped");
    expect(await previewChanges(stack)).toEqual([applied("prometheus-arguments"), applied("prometheus-configuration")]);
    await stack.up();
    expect(prometheus.isActive("prometheus")).toBe(true);
    expect(await previewChanges(stack)).toEqual([]);
  });
});

test("a guest that cannot be looked into is left as it is, with a warning", async () => {
  await simulator.request("POST", "/nodes/pve-02/lxc/20022/status/stop");
  expect(await previewWarnings()).toContain("What is set up in traefik-internal-02 is left as it is");
  expect((await previewChanges(stack)).filter((change) => change.includes("Command"))).toEqual([]);
  await simulator.request("POST", "/nodes/pve-02/lxc/20022/status/start");
});

test("a guest that is made anew is set up anew, too", async () => {
  project.edit(
    "containers.yaml",
    "node: pve-01\n  network: internal\n  address: 10.20.0.10",
    "node: pve-02\n  disposable: true\n  network: internal\n  address: 10.20.0.10",
  );
  await stack.up();
  const grafana = new GuestInside(simulator, 20010);
  expect(grafana.node()).toBe("pve-02");
  expect(grafana.isActive("grafana-server")).toBe(true);
  expect(await previewChanges(stack)).toEqual([]);
});

describe("a guest that is made anew behind everyone's back is set up by the next up", () => {
  const proxy = "/nodes/pve-02/lxc/20022";

  test("where it came back empty under its own VMID", async () => {
    await simulator.request("POST", `${proxy}/status/stop`);
    new GuestInside(simulator, 20022).empty();
    await simulator.request("POST", `${proxy}/status/start`);
    expect(await previewWarnings()).toContain(
      "What was set up in traefik-internal-02 is not there any more, and will be applied again: traefik-internal-02-",
    );
    await setUpAgain();
  });

  test("where it is gone, and the same up makes it", async () => {
    await simulator.request("POST", `${proxy}/status/stop`);
    await simulator.request("DELETE", proxy);
    await stack.refresh();
    await setUpAgain();
  });

  async function setUpAgain(): Promise<void> {
    await stack.up();
    const inside = new GuestInside(simulator, 20022);
    expect(inside.file("/etc/traefik/traefik.yml")).toContain("entryPoints");
    expect(inside.isActive("traefik")).toBe(true);
    expect(await previewChanges(stack)).toEqual([]);
    expect(await previewWarnings()).not.toContain("traefik-internal-02");
  }
});

/** As it is kept: an export by the Automation API shows secrets. */
function stateText(): string {
  return readFileSync(join(project.folder, ".homelab/demo/state/.pulumi/stacks/homelab/demo.json"), "utf8");
}

/** How a preview shows a step that is applied again. */
function applied(step: string): string {
  return `replace Command ${step}: delete, stdin, triggers`;
}

test("a guest under another name keeps what is set up in it, and only what names it changes", async () => {
  const inside = () => new GuestInside(simulator, 20010);
  const filesOf = () =>
    inside()
      .files()
      .filter(({ path }) => !path.startsWith("/var/lib/homelab/"));
  const before = filesOf();
  project.edit("containers.yaml", "grafana:\n", "dashboards:\n");
  await stack.up();
  expect(simulator.state.guests[20010]).toMatchObject({ status: "running", config: { hostname: "dashboards" } });
  const named = ["node-exporter-packages", "packages", "system-packages"];
  expect(changedFiles(before, filesOf())).toEqual([
    ...named.map((name) => `/etc/apt/preferences.d/dashboards-${name}.pref`),
    ...named.map((name) => `/etc/apt/preferences.d/grafana-${name}.pref`),
    "/etc/grafana/grafana.ini",
    "/etc/hostname",
    "/etc/hosts",
  ]);
  expect(inside().isActive("grafana-server")).toBe(true);
  const steps = inside()
    .files()
    .filter(({ path }) => path.startsWith("/var/lib/homelab/steps/grafana-"));
  expect(steps).toEqual([]);
  expect(await previewChanges(stack)).toEqual([]);
});

async function stepsInState(): Promise<string[]> {
  const { deployment } = (await stack.exportStack()) as { deployment: unknown };
  const { resources } = deployment as { resources: { type: string; urn: string }[] };
  return resources
    .filter(({ type }) => type === "command:remote:Command")
    .map(({ urn }) => urn.split("::").at(-1) ?? urn);
}

async function previewWarnings(): Promise<string> {
  const messages: string[] = [];
  await stack.preview({
    onEvent: ({ diagnosticEvent }) => {
      if (diagnosticEvent?.severity === "warning") messages.push(diagnosticEvent.message);
    },
  });
  return messages.join("\n");
}

/** What a run that fails says in the end of what failed. */
async function upFailure(): Promise<string> {
  const options = ["--stack", "demo", "--yes", "--skip-preview", "--non-interactive", "--color", "never"];
  const { code, messages } = await runScript(project.folder, ["scripts/pulumi.ts", "up", ...options], process.env);
  expect(code).not.toBe(0);
  return messages;
}

type Files = ReturnType<GuestInside["files"]>;

/** Those of all guests, below the guest's name. */
function allFiles(): Files {
  return Object.entries(simulator.state.guests).flatMap(([vmid, { config }]) =>
    new GuestInside(simulator, Number(vmid))
      .files()
      .filter(({ path }) => !path.startsWith("/var/lib/homelab/"))
      .map((file) => ({ ...file, path: `${String(config["hostname"] ?? config["name"])}:${file.path}` })),
  );
}

function changedFiles(before: Files, after: Files): string[] {
  const texts = (files: Files) => new Map(files.map(({ path, text }) => [path, text]));
  const [old, now] = [texts(before), texts(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((path) => !path.startsWith("/var/lib/homelab/") && old.get(path) !== now.get(path))
    .sort();
}
