import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDemoStack } from "../../scripts/demo-stack.ts";
import type { Drift, Unchecked } from "../../src/drift/drift.ts";
import { request } from "../../simulator/src/request.ts";
import { startIssuesServer, type IssuesServer } from "../report/issues-server.ts";
import { GuestInside } from "./guest-inside.ts";
import { ProjectCopy } from "./project.ts";
import { runScript, type ScriptResult } from "./run-script.ts";
import "./skip-checkpoints.ts";

// The tests build on each other: a homelab is built, changed behind everyone's back, and healed.
let project: ProjectCopy;
let simulator: Simulator;
let stack: Stack;
let reports: string;
let forge: IssuesServer;

beforeAll(async () => {
  project = new ProjectCopy();
  reports = mkdtempSync(join(tmpdir(), "homelab-drift-"));
  forge = await startIssuesServer();
  simulator = await startSimulator();
  stack = await createDemoStack(project.folder, simulator);
});

afterAll(async () => {
  await simulator.close();
  await forge.close();
  project.remove();
  rmSync(reports, { recursive: true });
});

test("a stack without resources has nothing to compare with, and reports say so", async () => {
  const { code, messages, output } = await drift(["--json", "--junit", join(reports, "junit.xml")]);
  expect(messages).toContain("The stack demo has no resources yet");
  expect(JSON.parse(output)).toMatchObject({
    exitCode: 1,
    drift: [],
    unchecked: [{ reason: expect.stringContaining("has no resources yet") as string, incomplete: true }],
  });
  expect(readFileSync(join(reports, "junit.xml"), "utf8")).toContain(
    'name="the look itself">\n      <error type="not checked" message="The stack demo has no resources yet',
  );
  expect(code).toBe(1);
});

test("a homelab that was just built has none, and nothing is changed for that", async () => {
  await stack.up();
  const before = simulator.requests.length;
  const { code, output, messages } = await drift();
  expect(messages).toBe("");
  expect(output).toBe("No drift: all that could be looked at is as demo has left it.\n");
  expect(code).toBe(0);
  expect(simulator.requests.slice(before).filter(({ method }) => method !== "GET")).toEqual([]);
});

describe("what somebody changes", () => {
  let found: Found;

  let built: Simulator["state"];

  test("is found, and nothing else", async () => {
    built = simulator.state;
    await simulator.request("PUT", "/nodes/pve-01/lxc/20010/config", { memory: "3072" });
    await simulator.request("DELETE", "/cluster/backup/daily-pve-01");
    await simulator.request("PUT", "/cluster/backup/weekly-pve-02", { schedule: "sun 09:00" });
    await simulator.request("POST", "/nodes/pve-02/qemu/30010/firewall/rules", {
      ...{ type: "in", action: "ACCEPT", proto: "tcp", dport: "8080", enable: "1", comment: "<for a moment>" },
    });
    const prometheus = new GuestInside(simulator, 20011);
    prometheus.write("/etc/prometheus/prometheus.yml", "global: {}\n");
    new GuestInside(simulator, 20010).unit("grafana-server", "stopped");
    await simulator.request("POST", "/storage", { storage: "attic", type: "dir", path: "/mnt/attic" });
    const toys = { id: "toys", schedule: "sat 03:00", storage: "attic", all: "1" };
    await simulator.request("POST", "/cluster/backup", toys);
    const carbon = { type: "graphite", server: "10.20.0.99", port: "2003" };
    await simulator.request("POST", "/cluster/metrics/server/carbon", carbon);
    const rule = { type: "in", action: "ACCEPT", proto: "tcp", dport: "23", enable: "1" };
    await simulator.request("POST", "/cluster/firewall/rules", rule);
    simulator.incidents.tell("disk pve-01 /dev/nvme1n1 dies");
    await asAlice();
    found = await driftForPrograms();
    expect(found.drift.map(({ kind, what, where, was, is }) => [kind, what, where, was, is])).toEqual([
      ["missing", "backup job daily-pve-01", "pve-01", "there", null],
      ["changed", "backup job weekly-pve-02: schedule", "pve-02", "sun 08:00", "sun 09:00"],
      ["changed", "container grafana: memory.dedicated", "pve-01, VMID 20010", 1024, 3072],
      ["changed", "container traefik-internal-02: started", "pve-02, VMID 20022", true, false],
      [
        "changed",
        "firewall rules traefik-dmz-firewall: rules",
        "pve-02, VMID 30010",
        null,
        { action: "ACCEPT", comment: "<for a moment>", dport: "8080", enabled: true, proto: "tcp", type: "in" },
      ],
      ["changed", "step grafana-configuration in grafana", "pve-01, VMID 20010", "as it was applied", stopped],
      [
        "changed",
        "step prometheus-configuration in prometheus",
        "pve-01, VMID 20011",
        "as it was applied",
        "/etc/prometheus/prometheus.yml",
      ],
      ["changed", "pool fast: health", "pve-01", "ONLINE", "SUSPENDED"],
      ["unmanaged", "machine toy", "pve-02, VMID 999", null, "there"],
      ["unmanaged", "storage attic", "the cluster", null, "dir"],
      ["unmanaged", "backup job toys", "the cluster", null, "sat 03:00 to attic"],
      ["unmanaged", "metric server carbon", "the cluster", null, "graphite at 10.20.0.99"],
      ["unmanaged", "user alice@pve", "the cluster", null, "there"],
      ["unmanaged", "token alice@pve!laptop", "the cluster", null, "there"],
      ["unmanaged", "permission of alice@pve on /", "the cluster", null, "Administrator, and below"],
      ["unmanaged", "firewall rule 0", "the cluster", null, "in ACCEPT tcp 23"],
    ]);
    expect(found.unchecked.map(({ subject, reason, incomplete }) => [subject, reason, incomplete])).toEqual([
      ["steps in traefik-internal-02", "the guest is stopped", false],
    ]);
    expect(found.exitCode).toBe(7);
  });

  test("is told with who has probably done it, where the task log has it", () => {
    const causes = found.drift.flatMap(({ what, cause }) =>
      cause === undefined ? [] : [[what, cause.task, cause.who]],
    );
    expect(causes).toEqual([
      ["container traefik-internal-02: started", "vzstop", "alice@pve!laptop"],
      ["machine toy", "qmcreate", "alice@pve!laptop"],
    ]);
  });

  test("is shown to people with where the inventory speaks of it and what to do, and to others as JUnit's XML", async () => {
    const { output, code, messages } = await drift(["--issue"]);
    expect(messages).toBe("Issue #1 among the issues of project 12 was opened.\n");
    expect(output).toMatch(/│ container grafana: memory.dedicated +│ pve-01, VMID 20010 +│ 1024 +│ 3072 +│/);
    expect(output).toContain("  containers.grafana.memory in config/homelab/containers.yaml\n");
    expect(output).toContain("  npm run drift -- --fix --stack demo\n");
    expect(code).toBe(7);
    expect(readFileSync(join(reports, "junit.xml"), "utf8")).toContain(
      'name="container grafana">\n      <failure type="drift"',
    );
  });

  test("is told by an issue, with no secret in it", async () => {
    const [{ title, body } = { title: "", body: "" }] = forge.issues;
    expect(title).toBe("Drift of demo: 16 things have drifted");
    expect(body).toContain("| container grafana: memory.dedicated | pve-01, VMID 20010 | 1024 | 3072 |");
    const secrets = Object.values(await stack.getAllConfig()).flatMap(({ value, secret }) => (secret ? [value] : []));
    expect(secrets.length).toBeGreaterThan(2);
    for (const secret of secrets) expect(body).not.toContain(JSON.stringify(secret).slice(1, -1));
  });

  test("is gone once all is as it was, and so is the issue", async () => {
    simulator.reset(built);
    const { code, output, messages } = await drift(["--issue"]);
    expect(messages).toBe("Issue #1 among the issues of project 12 was closed.\n");
    expect(forge.issues).toMatchObject([{ isOpen: false, comments: [expect.stringContaining("No drift any more")] }]);
    expect(output).toBe("No drift: all that could be looked at is as demo has left it.\n");
    expect(code).toBe(0);
  });
});

describe("what is to be fixed", () => {
  const snippet = "snippets/30010-traefik-dmz-user-data.yaml";

  test("is not, where a guest would be made anew", async () => {
    const { state } = simulator;
    await simulator.request("POST", "/nodes/pve-02/lxc/20022/status/stop");
    await simulator.request("DELETE", "/nodes/pve-02/lxc/20022");
    const { code, output, messages } = await fix(["--yes"]);
    expect(output).toMatch(/│ container traefik-internal-02 +│ pve-02, VMID 20022 +│ there +│ – +│/);
    expect(messages).toContain("The container traefik-internal-02 is not there and would be made anew, empty.");
    expect(code).toBe(1);
    simulator.reset(state);
  });

  test("is not, where more of it would be done; what else the inventory says by now waits for an up", async () => {
    const { state } = simulator;
    await simulator.request("PUT", "/nodes/pve-01/lxc/20010/config", { memory: "3072" });
    await project.with("containers.yaml", "memory: 2 GiB", "memory: 3 GiB", () =>
      project.with("containers.yaml", "cores: 2", "cores: 3", async () => {
        const { code, messages } = await fix(["--yes"]);
        expect(messages).toContain(
          "more than drift would be undone:\n  The container grafana has drifted, and more of it would be updated: the inventory says something else than at the last up.\nLook",
        );
        expect(code).toBe(1);
      }),
    );
    simulator.reset(state);
  });

  test("is shown first, and only done by who says yes", async () => {
    await changeThings();
    const before = simulator.requests.length;
    const { code, output, messages } = await fix([]);
    expect(messages).toContain("Nothing was fixed. Without a terminal that could be asked, --yes lets it.");
    expect(output).toMatch(
      /This would be done:\n[^]* update container grafana\n +# memory[^]*-3072\n +\+1024\n[^]*The container grafana restarts/,
    );
    expect(code).toBe(1);
    expect(simulator.requests.slice(before).filter(({ method }) => method !== "GET")).toEqual([]);
  });

  test("is as up has brought it about, and what nobody knows of stays", async () => {
    const { code, output } = await fix(["--yes"]);
    const { drift: left } = await driftForPrograms();
    expect(left.map(({ kind, what }) => [kind, what])).toEqual([["unmanaged", "storage attic"]]);
    expect(output).toContain("1 thing on the server that nobody knows of");
    expect(code).toBe(7);
    expect(await simulator.request("GET", "/nodes/pve-01/lxc/20010/config")).toMatchObject({ memory: 1024 });
    expect(await simulator.request("GET", "/nodes/pve-02/lxc/20022/status/current")).toMatchObject({
      status: "running",
    });
    expect(await simulator.request("GET", "/cluster/backup/daily-pve-01")).toMatchObject({ id: "daily-pve-01" });
    expect(await simulator.request("GET", "/nodes/pve-02/qemu/30010/firewall/rules")).not.toContainEqual(
      expect.objectContaining({ dport: "8080" }),
    );
    expect(new GuestInside(simulator, 20011).file("/etc/prometheus/prometheus.yml")).toContain("scrape_configs");
    expect(snippetText()).toContain("#cloud-config");
    expect(new GuestInside(simulator, 20021).file("/etc/traefik/traefik.yml")).toContain("entryPoints");
  });

  test("is no drift where the inventory says that it belongs there", async () => {
    project.write("others.yaml", "- what: storage attic\n  reason: Made by hand, for what nobody misses.\n");
    const { code, output } = await drift();
    expect(output).toMatch(/^Accepted, as the inventory says:\n {2}storage attic \(the cluster\): was –, is dir\n/m);
    expect(code).toBe(0);
    await simulator.request("DELETE", "/storage/attic");
    expect((await drift()).output).toContain("  storage attic (anywhere): was there, is –\n");
    project.write("others.yaml", "");
  });

  test("is what the words of a refresh lead to that fails, because a job is gone", async () => {
    await simulator.request("DELETE", "/cluster/backup/daily-pve-01");
    const refresh = ["scripts/pulumi.ts", "--stack", "demo", "refresh", "--yes", "--skip-preview", "--non-interactive"];
    const { code, messages } = await runScript(project.folder, refresh, process.env);
    expect(code).not.toBe(0);
    expect(messages).toMatch(/^1\. backup job daily-pve-01 .*: refresh failed\.$/m);
    expect(messages).toContain("On the server: It is not there any more.");
    expect(messages).toContain("  npm run drift -- --fix --stack demo\n");
    expect((await fix(["--yes"])).code).toBe(0);
    expect(await simulator.request("GET", "/cluster/backup/daily-pve-01")).toMatchObject({ id: "daily-pve-01" });
  });

  async function changeThings(): Promise<void> {
    await simulator.request("PUT", "/nodes/pve-01/lxc/20010/config", { memory: "3072" });
    await simulator.request("POST", "/nodes/pve-02/lxc/20022/status/stop");
    await simulator.request("DELETE", "/cluster/backup/daily-pve-01");
    const rule = { type: "in", action: "ACCEPT", proto: "tcp", dport: "8080", enable: "1" };
    await simulator.request("POST", "/nodes/pve-02/qemu/30010/firewall/rules", rule);
    new GuestInside(simulator, 20011).write("/etc/prometheus/prometheus.yml", "global: {}\n");
    const other = Buffer.from(snippetText().replace("cloud", "Cloud")).toString("base64");
    simulator.change(({ volumes }) => {
      Object.assign(volumes["pve-02/homelab"]?.[snippet] ?? {}, { data: other });
    });
    expect(snippetText()).toContain("#Cloud-config");
    await emptyGuest(20021);
    await simulator.request("POST", "/storage", { storage: "attic", type: "dir", path: "/mnt/attic" });
  }

  function snippetText(): string {
    const { data = "" } = simulator.state.volumes["pve-02/homelab"]?.[snippet] ?? {};
    return Buffer.from(data, "base64").toString("utf8");
  }

  /** Somebody has made it anew under its own VMID. */
  async function emptyGuest(vmid: number): Promise<void> {
    const status = `/nodes/pve-01/lxc/${vmid}/status`;
    await simulator.request("POST", `${status}/stop`);
    new GuestInside(simulator, vmid).empty();
    await simulator.request("POST", `${status}/start`);
  }

  function fix(args: readonly string[]): Promise<ScriptResult> {
    return drift(["--fix", ...args]);
  }
});

describe("where nobody can look", () => {
  test("is another exit code, with the reason", async () => {
    simulator.faults.add({
      path: "/nodes/pve-01/lxc/20011/config",
      effect: { kind: "status", status: 500, message: "no quorum" },
    });
    const before = forge.requests.length;
    const { code, output, messages } = await drift(["--issue"]);
    expect(output).toContain("? container prometheus: not checked, for ");
    expect(messages).toContain("The issue about drift stays as it is");
    expect(forge.requests).toHaveLength(before);
    expect(code).toBe(1);
  });

  test("at all, the report says so, too", async () => {
    await simulator.close();
    const { code, messages } = await drift(["--junit", join(reports, "gone.xml")]);
    expect(messages).toMatch(/^Nobody can look, for https:\S+ does not answer as it should: .*ECONNREFUSED/);
    const xml = readFileSync(join(reports, "gone.xml"), "utf8");
    expect(xml).toMatch(/name="the look itself">\n {6}<error type="not checked" message="[^"]*ECONNREFUSED/);
    expect(code).toBe(1);
  });
});

const stopped = "its verification fails";

/** Somebody who is not known makes a guest that is not known, and stops one that is. */
async function asAlice(): Promise<void> {
  await simulator.request("POST", "/access/users", { userid: "alice@pve" });
  const { value } = await simulator.request<{ value: string }>("POST", "/access/users/alice@pve/token/laptop", {
    privsep: "0",
  });
  await simulator.request("PUT", "/access/acl", { path: "/", roles: "Administrator", users: "alice@pve" });
  const alice = { ...simulator, apiToken: `alice@pve!laptop=${value}` };
  await request(alice, "POST", "/nodes/pve-02/qemu", { vmid: "999", name: "toy", memory: "512" });
  await request(alice, "POST", "/nodes/pve-02/lxc/20022/status/stop");
}

interface Found {
  readonly exitCode: number;
  readonly looks: number;
  readonly drift: readonly Drift[];
  readonly unchecked: readonly (Unchecked & { readonly subject: string })[];
}

async function driftForPrograms(): Promise<Found> {
  const { code, output } = await drift(["--json", "--junit", join(reports, "junit.xml")]);
  const found = JSON.parse(output) as Found;
  expect(code).toBe(found.exitCode);
  return found;
}

function drift(args: readonly string[] = []): Promise<ScriptResult> {
  const gitlab = { CI_API_V4_URL: forge.url, CI_PROJECT_ID: "12", GITLAB_TOKEN: "secret" };
  const env = { ...process.env, ...gitlab, HOME: project.folder, SSH_AUTH_SOCK: "" };
  return runScript(project.folder, ["scripts/drift.ts", "--stack", "demo", ...args], env);
}
