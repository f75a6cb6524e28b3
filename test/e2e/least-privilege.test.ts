import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDemoStack } from "../../scripts/demo-stack.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import { ProjectCopy } from "./project.ts";
import { scriptArguments } from "./run-script.ts";

// The tests build on each other: bootstrap makes the token by which everything after it is done.
let project: ProjectCopy;
let simulator: Simulator;
let stack: Stack;

beforeAll(async () => {
  project = new ProjectCopy({ disposable: true });
  simulator = await startSimulator();
  stack = await createDemoStack(project.folder, simulator);
});

afterAll(async () => {
  await simulator.close();
  project.remove();
});

describe("the demo's stack", () => {
  test("doctor looks at it with the administrator's token, and finds nothing in the way", async () => {
    const { code, findings } = await doctor("demo");
    expect(code).toBe(0);
    expect(findings.filter(({ status }) => status !== "ok").map(({ subject }) => subject)).toEqual([
      "privileges: least",
      "SSH to pve-01",
      "SSH to pve-02",
    ]);
  });

  test("bootstrap replaces that token by one of its own, and shows no secret", async () => {
    const { code, output } = await run("bootstrap.ts", ["--stack", "demo"], `${simulator.password}\n`);
    expect(output).toContain("The token homelab@pve!homelab was created.");
    expect(output).toContain("The token is stored in Pulumi.demo.yaml, encrypted.");
    expect(code).toBe(0);
    const { tokens = {} } = simulator.state.access.users["homelab@pve"] ?? {};
    const secret = tokens["homelab"]?.secret ?? "";
    expect(await stack.getConfig("apiToken")).toEqual({ value: `homelab@pve!homelab=${secret}`, secret: true });
    for (const text of [output, settingsOf("demo")]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(simulator.password);
    }
  });

  test("with that token doctor misses no privilege", async () => {
    const { code, findings } = await doctor("demo");
    expect(code).toBe(0);
    expect(findings.filter(({ subject }) => subject.startsWith("privilege")).map(({ status }) => status)).toEqual(
      Array.from({ length: 5 }, () => "ok"),
    );
  });

  test("with that token the whole homelab is built, and nothing is refused", async () => {
    const before = simulator.requests.length;
    const { summary } = await stack.up();
    expect(summary.result).toBe("succeeded");
    expect(refusedSince(before)).toEqual([]);
    expect(Object.values(simulator.state.guests).map(({ status }) => status)).toEqual(
      Array.from({ length: 13 }, () => "running"),
    );
    expect((await stack.preview({ expectNoChanges: true })).changeSummary).not.toHaveProperty("update");
  });

  test("doctor knows what the stack has made", async () => {
    const { code, findings } = await doctor("demo");
    expect(code).toBe(0);
    const texts = Object.fromEntries(findings.map(({ subject, text }) => [subject, text]));
    expect(texts).toMatchObject({
      VMIDs: "13 guests are there already.",
      "pool fast of pve-01": "It is not redundant on /dev/nvme1n1, as declared.",
      "storage nas": "It is there on pve-01 and pve-02.",
      "image talos for pve-01": "The node has it already.",
    });
  });

  test("with that token it is changed: containers, machines and what cloud-init gives them", async () => {
    const before = simulator.requests.length;
    project.edit("containers.yaml", "memory: 1 GiB", "memory: 2 GiB");
    project.edit("networks.yaml", "dns: [10.30.0.1]", "dns: [10.30.0.1, 10.30.0.2]");
    const { summary } = await stack.up();
    expect(summary.resourceChanges).toMatchObject({ update: expect.any(Number) as number });
    expect(refusedSince(before)).toEqual([]);
    expect(simulator.state.guests[30_010]?.config["nameserver"]).toBe("10.30.0.1 10.30.0.2");
    await stack.refresh({ expectNoChanges: true });
  });

  test("a privilege that someone takes away is named by doctor before up stumbles over it", async () => {
    const whole = simulator.state.access;
    simulator.change(({ access: { roles } }) => {
      roles["HomelabDeploy"] = (roles["HomelabDeploy"] ?? []).filter((name) => name !== "VM.Config.Memory");
    });
    const { code, output } = await run("doctor.ts", ["--stack", "demo"]);
    expect(code).toBe(1);
    expect(output).toMatch(/✗ │ privilege VM\.Config\.Memory +│ VM\.Config\.Memory is missing on \/vms;/);
    expect(output).toContain("    pveum role modify HomelabDeploy --append 1 --privs 'VM.Config.Memory'");
    project.edit("containers.yaml", "memory: 2 GiB", "memory: 3 GiB");
    await expect(stack.up()).rejects.toThrow(/Permission check failed \(\/vms\/\d+, VM\.Config\.Memory\)/);
    const again = await run("bootstrap.ts", ["--stack", "demo"], `${simulator.password}\n`);
    expect(again.output).toContain("The role HomelabDeploy got VM.Config.Memory.\n");
    expect(simulator.state.access).toEqual(whole);
    expect((await stack.up()).summary.result).toBe("succeeded");
  });

  test("with that token all is taken down that is not protected", async () => {
    const before = simulator.requests.length;
    await stack.destroy({ excludeProtected: true });
    expect(refusedSince(before)).toEqual([]);
    const left = Object.values(simulator.state.guests).map(({ config }) => config["hostname"] ?? config["name"]);
    expect(left.sort()).toEqual(["gitlab", "influxdb", "prometheus", "talos-worker-01", "talos-worker-02"]);
  });

  test("nothing that was asked for was missing in the simulator", () => {
    expect(simulator.unimplemented).toEqual([]);
  });
});

describe("a stack of one's own", () => {
  const place = () => ["--stack", "own", "--host", "127.0.0.1", "--port", new URL(simulator.url).port];

  test("doctor says that there is none", async () => {
    expect(await run("doctor.ts", ["--stack", "own"])).toEqual({
      code: 2,
      output: "There is no stack own. Create it with:\n  npm run pulumi -- stack init own\n",
    });
  });

  test("bootstrap sends no password to a node that nobody vouches for", async () => {
    simulator.reset();
    const { code, output } = await run("bootstrap.ts", place(), `${simulator.password}\n`);
    expect(code).toBe(1);
    expect(output).toContain(`Its fingerprint (SHA-256) is\n  ${simulator.fingerprint}\n`);
    expect(output).toContain("Nothing was sent. Give --fingerprint with the true one, or --ca-file");
    expect(simulator.requests).toEqual([]);
  });

  test("bootstrap prints by --dry-run what it would do, and asks nobody", async () => {
    const { code, output } = await run("bootstrap.ts", [...place(), "--dry-run"]);
    expect(code).toBe(0);
    expect(output).toContain("pveum user token add homelab@pve homelab --privsep 1\n");
    expect(simulator.requests).toEqual([]);
  });

  test("a wrong password ends it before anything is changed", async () => {
    const args = [...place(), "--fingerprint", simulator.fingerprint];
    expect(await run("bootstrap.ts", args, "wrong\n")).toEqual({
      code: 1,
      output: "Proxmox VE does not let root@pam in with this password: authentication failure.\n",
    });
    expect(simulator.state.access.users).not.toHaveProperty("homelab@pve");
  });

  test("with the fingerprint it keeps the cluster's authority, so that the provider trusts the node, too", async () => {
    const args = [...place(), "--fingerprint", simulator.fingerprint];
    const { code, output } = await run("bootstrap.ts", args, `${simulator.password}\n`);
    expect(output).toMatch(
      new RegExp(
        `^The stack's endpoint is ${simulator.url} now\\.\nThe stack trusts config/own-root-ca\\.pem now\\.\n`,
      ),
    );
    expect(code).toBe(0);
    expect(readFileSync(join(project.folder, "config/own-root-ca.pem"), "utf8").trim()).toBe(simulator.ca.trim());
    expect(settingsOf("own")).toMatch(/homelab:apiToken:\n {4}secure: /);
    const findings = (await doctor("own")).findings.filter(({ status }) => status === "problem");
    expect(findings.map(({ subject }) => subject)).toEqual([
      "SSH to pve-01",
      "SSH to pve-02",
      "setting hetznerPassword",
      "setting cloudflareDnsToken",
    ]);
  });

  test("a second run needs neither, and changes nothing", async () => {
    const { access } = simulator.state;
    const settings = settingsOf("own");
    const { output } = await run("bootstrap.ts", ["--stack", "own"], `${simulator.password}\n`);
    expect(output).toMatch(/^Everything was set up already\.\n\w+ has to be set by hand: /);
    expect(output).toContain("  npm run pulumi -- config set --secret --stack own hetznerPassword\n");
    // What the first run has stored, encrypted.
    for (const name of ["pveExporterToken", "pveAuthority", "grafanaAdminPassword", "influxdbOperatorToken"])
      expect(settings).toMatch(new RegExp(`homelab:${name}:\\n\\s+secure: `));
    expect(access.users["homelab-exporter@pve"]?.tokens).toHaveProperty("prometheus");
    expect(simulator.state.access).toEqual(access);
    expect(settingsOf("own")).toBe(settings);
  });

  test("a token that cannot be stored is taken back", async () => {
    const toolchain = JSON.parse(process.env["HOMELAB_TOOLCHAIN"] ?? "") as { pulumi: string };
    const pulumi = join(project.folder, "forgetful-pulumi");
    const script = `#!/bin/sh\ncase "$*" in "config set --secret "*) echo "error: disk full" >&2; exit 1 ;; esac\nexec "${toolchain.pulumi}" "$@"\n`;
    writeFileSync(pulumi, script, { mode: 0o755 });
    const settings = settingsOf("own");
    const { code, output } = await run("bootstrap.ts", ["--stack", "own", "--rotate"], `${simulator.password}\n`, {
      HOMELAB_TOOLCHAIN: JSON.stringify({ ...toolchain, pulumi }),
    });
    expect(output).toMatch(/\nPulumi does not config set:\nerror: disk full\n$/);
    expect(code).toBe(1);
    expect(settingsOf("own")).toBe(settings);
    expect(simulator.state.access.users["homelab@pve"]?.tokens).toEqual({});
    const again = await run("bootstrap.ts", ["--stack", "own"], `${simulator.password}\n`);
    expect(again.output).toContain("The token homelab@pve!homelab was created.");
  });

  test("doctor ends with 2 where nothing answers", async () => {
    project.edit("../../Pulumi.own.yaml", simulator.url, "https://127.0.0.1:1/");
    const { code, findings } = await doctor("own");
    expect(code).toBe(2);
    expect(findings.map(({ subject }) => subject)).toEqual(["endpoint"]);
  });

  test("doctor ends with 2 where the inventory is not in order", async () => {
    project.edit("containers.yaml", "node: pve-01", "node: pve-1");
    const { code, output } = await run("doctor.ts", ["--stack", "own"]);
    expect(code).toBe(2);
    expect(output).toMatch(/^The inventory has \d+ problems?\./);
  });
});

/** What the node has not let the provider do. */
function refusedSince(index: number): string[] {
  return simulator.requests
    .slice(index)
    .filter(({ status }) => status === 401 || status === 403)
    .map(({ method, path }) => `${method} ${path}`);
}

function settingsOf(name: string): string {
  const file = join(project.folder, `Pulumi.${name}.yaml`);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

async function doctor(name: string): Promise<{ code: number; findings: readonly Finding[] }> {
  const { code, output } = await run("doctor.ts", ["--stack", name, "--json"]);
  const report = JSON.parse(output) as { exitCode: number; findings: Finding[] };
  expect(report.exitCode).toBe(code);
  return { code, findings: report.findings };
}

function run(
  script: string,
  args: readonly string[],
  input = "",
  environment: NodeJS.ProcessEnv = {},
): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, scriptArguments(`scripts/${script}`, args), {
      cwd: project.folder,
      // Nobody's own backend, keys or known hosts.
      env: { ...process.env, HOME: project.folder, SSH_AUTH_SOCK: "", ...environment },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    child.on("error", reject).on("close", (code) => {
      resolve({ code: code ?? 1, output });
    });
    child.stdin.end(input);
  });
}
