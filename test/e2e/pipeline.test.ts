import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDemoStack } from "../../scripts/demo-stack.ts";
import { ourselves, startCommentsServer } from "../report/comments-server.ts";
import { ProjectCopy } from "./project.ts";
import { runScript, type ScriptResult } from "./run-script.ts";

// What the pipelines run, in a copy of the project: the tests build on each other, as merges do.
let project: ProjectCopy;
let simulator: Simulator;
let stack: Stack;
let saved: string;

beforeAll(async () => {
  project = new ProjectCopy({ services: false });
  saved = mkdtempSync(join(tmpdir(), "homelab-preview-"));
  simulator = await startSimulator();
  stack = await createDemoStack(project.folder, simulator);
});

afterAll(async () => {
  await simulator.close();
  project.remove();
  rmSync(saved, { recursive: true });
});

describe("a first merge", () => {
  test("is previewed, with no secret in what is told and kept", async () => {
    const { code, output } = await preview();
    expect(output).toMatch(/## Preview of demo: \d\d resources change\n/);
    expect(output).toContain("| container | 5 |  |  |  |");
    expect(output).toContain("No guest restarts by an update.");
    expect(output).toContain("The rule imageChecksum is waived for images.talos");
    expect(code).toBe(0);
    const kept = ["preview.md", "approval.json", "plan.json"].map((file) => readFileSync(join(saved, file), "utf8"));
    const config = await stack.getAllConfig();
    const secrets = Object.values(config).flatMap(({ value, secret }) => (secret === true ? [value] : []));
    expect(secrets.length).toBeGreaterThan(2);
    for (const secret of secrets) {
      for (const text of [output, ...kept]) expect(text).not.toContain(JSON.stringify(secret).slice(1, -1));
    }
  });

  test("is deployed as it was previewed", async () => {
    const { code, output } = await deploy();
    expect(output).toContain("created");
    expect(code).toBe(0);
  });

  test("has nothing left to do, however often the job runs", async () => {
    const { code, output } = await deploy();
    expect(output).toContain("Nothing to do: demo is as the inventory says.");
    expect(code).toBe(0);
  });
});

describe("a change", () => {
  test("tells the guests that restart, in the one comment", async () => {
    project.edit("containers.yaml", "memory: 1 GiB", "memory: 2 GiB");
    project.edit("machines.yaml", "memory: 16 GiB", "memory: 20 GiB");
    project.edit("containers.yaml", "cores: 1", "cores: 2");
    const server = await startCommentsServer([[ourselves, "<!-- homelab preview of demo -->\nof yesterday"]]);
    try {
      const { code, output, messages } = await preview({
        CI_API_V4_URL: server.url,
        CI_PROJECT_ID: "12",
        CI_MERGE_REQUEST_IID: "5",
        GITLAB_TOKEN: "secret",
      });
      expect(messages).toContain("The comment on merge request !5 of project 12 was updated.");
      expect(server.comments.map(({ body }) => body)).toEqual([output]);
      expect(output).toMatch(
        /### Guests that restart\n\n- the container \*\*grafana\*\*.*\n- the machine \*\*gitlab\*\*.*\n\n/,
      );
      expect(output).toContain("-1024\n+2048");
      expect(code).toBe(0);
    } finally {
      await server.close();
    }
  });

  test("restarts those and no others", async () => {
    const before = simulator.requests.length;
    expect((await deploy()).code).toBe(0);
    const power = simulator.requests
      .slice(before)
      .flatMap(({ method, path }) =>
        method === "POST" ? (/\/(\d+)\/status\/(?:reboot|reset|shutdown|stop)$/.exec(path)?.[1] ?? []) : [],
      );
    expect([...new Set(power)].sort()).toEqual(["20010", "20030"]);
  });

  test("that Proxmox VE does first is shown with its commands, and deployed", async () => {
    project.edit("containers.yaml", "storage: fast, size: 64 GiB", "storage: fast, size: 96 GiB");
    const shown = await preview();
    expect(shown.output).toContain("## Preview of demo: 1 guest changes on its node first");
    expect(shown.output).toMatch(
      /### Done by Proxmox VE first\n\n\*\*prometheus\*\*, without a restart:\n\n```text\non pve-01: pct resize/,
    );
    expect(shown.code).toBe(0);
    expect(simulator.state.guests[20011]?.config["mp0"]).toContain("size=64G");
    expect((await deploy()).code).toBe(0);
    expect(simulator.state.guests[20011]?.config["mp0"]).toContain("size=96G");
    expect((await deploy()).output).toContain("Nothing to do");
  });

  test("that deletes a guest by its line in removals.yaml is shown as a loss, and deployed", async () => {
    const entry = /^grafana:\n(?: .*\n|\n)*/m;
    const before = project.read("containers.yaml");
    project.write("containers.yaml", before.replace(entry, ""));
    const refused = await preview();
    expect(refused.output).toContain("The container grafana is not in the inventory any more, and would be deleted");
    expect(refused.code).toBe(1);
    project.write("removals.yaml", "grafana: { until: 2999-12-31 }\n");
    const shown = await preview();
    expect(shown.output).toContain("## Preview of demo: 1 guest is deleted\n");
    expect(shown.output).toMatch(
      /\*\*The container grafana is deleted with everything in it: VMID 20010 on pve-01, .*, no backup\.\*\*/,
    );
    expect(shown.code).toBe(0);
    expect(simulator.state.guests[20010]).toBeDefined();
    const { code, output } = await deploy();
    expect(code, output).toBe(0);
    expect(simulator.state.guests[20010]).toBeUndefined();
    expect(Object.keys(simulator.state.guests)).toHaveLength(12);
    project.write("removals.yaml", "");
    project.write("containers.yaml", before);
    expect((await preview()).code).toBe(0);
    expect((await deploy()).code).toBe(0);
  });

  test("that was not previewed is refused before anything is changed", async () => {
    project.edit("containers.yaml", "memory: 2 GiB", "memory: 3 GiB");
    expect((await preview()).code).toBe(0);
    project.edit("containers.yaml", "memory: 3 GiB", "memory: 4 GiB");
    const before = simulator.requests.length;
    const { code, output } = await deploy();
    expect(output).toContain("is not what was approved any more");
    expect(code).toBe(3);
    expect(simulator.requests.slice(before).filter(({ method }) => method !== "GET")).toEqual([]);
  });

  test("is refused while another run has the stack", async () => {
    expect((await preview()).code).toBe(0);
    const heal = simulator.faults.add({
      method: "PUT",
      path: "/nodes/*/lxc/*/config",
      effect: { kind: "delay", seconds: 15 },
    });
    const first = deploy();
    await until(() => simulator.faults.list().some(({ struck }) => struck > 0));
    const second = await deploy();
    heal();
    expect(second.output).toContain("Another run has the stack demo");
    expect(second.code).toBe(3);
    expect((await first).code).toBe(0);
  });

  test("that fails on the way says so, and goes on where it stopped", async () => {
    project.edit("containers.yaml", "memory: 4 GiB", "memory: 1 GiB");
    project.edit("machines.yaml", "memory: 20 GiB", "memory: 16 GiB");
    expect((await preview()).code).toBe(0);
    const heal = simulator.faults.add({
      path: "/nodes/*/lxc/20010/config",
      method: "PUT",
      effect: { kind: "status", status: 500, message: "no space left on device" },
    });
    const failed = await deploy();
    heal();
    expect(failed.output).toContain("The deployment of demo stopped on the way");
    expect(failed.output).toMatch(
      /^1\. container grafana \(VMID 20010\) on pve-01: update failed\.\n.*no space left on device[^]*What to do: Make room on pve-01/m,
    );
    expect(failed.output).toContain("Run the pipeline again, from its preview on: it goes on where this one stopped.");
    expect(failed.code).toBe(1);
    const rest = await preview();
    // The provider has noted the update as done; had that been believed, nothing would be sent now.
    expect(rest.output).toContain("-4096\n+1024");
    expect(rest.output).toContain("update container <b>grafana</b>");
    const resumed = await deploy();
    expect(resumed.code).toBe(0);
    expect(await simulator.request("GET", "/nodes/pve-01/lxc/20010/config")).toMatchObject({ memory: 1024 });
    expect((await preview()).output).toContain("## Preview of demo: nothing to do");
  });

  test("that waits for an answer in vain is stopped, says for what, and is taken up by up", async () => {
    project.edit("containers.yaml", "memory: 1 GiB", "memory: 2 GiB");
    expect((await preview()).code).toBe(0);
    const heal = simulator.faults.add({ path: "/nodes/*/lxc/20010/config", method: "PUT", effect: { kind: "hang" } });
    const stopped = await run(deployment(), { HOMELAB_PATIENCE_SECONDS: "12" });
    heal();
    expect(stopped.messages).toMatch(
      /^Still waiting for the container grafana \(VMID 20010\) on pve-01: update since \d\d:\d\d:\d\d, \d+ seconds by now\.$/m,
    );
    expect(stopped.messages).toContain("Nothing may take longer than 12 seconds: the run is stopped.");
    expect(stopped.output).toContain("1. container grafana (VMID 20010) on pve-01: update failed.");
    expect(stopped.output).toMatch(/Take up what was cut off.*:\n {2}npm run up -- --stack demo$/m);
    expect(stopped.code).toBe(1);
    const refused = await deploy();
    expect(refused.output).toMatch(/was cut off while it had it[^]*updating grafana[^]*npm run up -- --stack demo/);
    expect(refused.code).toBe(3);
    const up = ["scripts/up.ts", "--stack", "demo", "--yes", "--skip-preview", "--non-interactive"];
    expect((await run(up)).code).toBe(0);
    expect(await simulator.request("GET", "/nodes/pve-01/lxc/20010/config")).toMatchObject({ memory: 2048 });
    expect((await preview()).output).toContain("## Preview of demo: nothing to do");
  });
});

test("a secret that is not the one that was approved is refused by the engine", async () => {
  await stack.setConfig("hetznerPassword", { value: "approved", secret: true });
  expect((await preview()).code).toBe(0);
  await stack.setConfig("hetznerPassword", { value: "changed-since", secret: true });
  const before = simulator.requests.length;
  const { code, output } = await deploy();
  expect(output).toContain("violates plan");
  expect(code).toBe(1);
  expect(simulator.requests.slice(before).filter(({ method }) => method !== "GET")).toEqual([]);
  expect((await preview()).code).toBe(0);
  expect((await deploy()).code).toBe(0);
});

test("a guest that would be lost stands above all else", async () => {
  project.edit("containers.yaml", "address: 10.20.0.10", "address: 10.20.0.10\n  vmid: 20099\n  disposable: true");
  const { output } = await preview();
  expect(output).toMatch(
    /^<!--.*-->\n\n## .*\n\n- \*\*The container grafana is replaced for `vmId`: what is in it is lost\.\*\*\n/,
  );
});

test("a preview that fails is told, and nothing is deployed after it", async () => {
  project.write("waivers.yaml", "[{ rule: nonsense }]\n");
  const { code, output } = await preview();
  expect(output).toContain("## Preview of demo: it fails");
  expect(output).toContain("waivers.yaml");
  expect(code).toBe(1);
  expect((await deploy()).code).toBe(3);
});

function preview(pipeline: NodeJS.ProcessEnv = {}): Promise<ScriptResult> {
  return run(["scripts/ci-preview.ts", "--stack", "demo", "--save", saved], pipeline);
}

function deploy(): Promise<ScriptResult> {
  return run(deployment());
}

function deployment(): string[] {
  return ["scripts/ci-deploy.ts", "--stack", "demo", "--from", saved];
}

/** Runs a script of the copy as npm would, outside of any pipeline but the one that is given. */
function run(args: readonly string[], pipeline: NodeJS.ProcessEnv = {}): Promise<ScriptResult> {
  const own = Object.entries(process.env).filter(([name]) => !/^(?:CI|GITHUB|GITLAB)_/.test(name));
  return runScript(project.folder, args, { ...Object.fromEntries(own), ...pipeline });
}

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 60_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error("It did not happen within a minute.");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
