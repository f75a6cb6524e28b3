import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { loadInventory } from "../../src/inventory/load.ts";
import { guestsOf } from "../../src/plan/named-guests.ts";
import { planPrometheus } from "../../src/plan/services/prometheus.ts";
import { planSystem } from "../../src/plan/services/system.ts";
import type { StepPlan } from "../../src/plan/steps.ts";
import { lacks, run, stage } from "./programs.ts";

const shipped = loadInventory(resolve(import.meta.dirname, "../.."));
const tests = resolve(import.meta.dirname, "prometheus");

let staged: string;

beforeEach(() => {
  staged = mkdtempSync(join(tmpdir(), "staged-"));
});

afterEach(() => {
  rmSync(staged, { recursive: true });
});

describe("the configuration", () => {
  test("a change of the scrape interval is a change of one file", () => {
    const before = stepsOf();
    const { prometheus } = shipped.services;
    if (prometheus === undefined) throw new Error("The shipped inventory has no Prometheus.");
    const after = stepsOf({
      ...shipped,
      services: { ...shipped.services, prometheus: { ...prometheus, scrapeInterval: 15 } },
    });
    const changed = after.flatMap((step, index) =>
      JSON.stringify(step) === JSON.stringify(before[index])
        ? []
        : step.files
            .filter((file, at) => JSON.stringify(file) !== JSON.stringify(before[index]?.files[at]))
            .map(({ path }) => [step.name, path, step.activate]),
    );
    expect(changed).toEqual([
      ["prometheus-configuration", "/etc/prometheus/prometheus.yml", "systemctl reload-or-restart prometheus"],
    ]);
  });

  test("everything that tells metrics is asked, by its name", () => {
    const targets = jobs().map(({ job_name, static_configs }) => [
      job_name,
      static_configs.map(({ labels }) => labels["instance"]).sort(),
    ]);
    const { containers, machines, nodes } = shipped;
    const talos = Object.entries(machines).flatMap(([name, { kind }]) => (kind === "talos" ? [name] : []));
    const debian = [...Object.keys(containers), ...Object.keys(machines)].filter((name) => !talos.includes(name));
    expect(Object.fromEntries(targets)).toMatchObject({
      prometheus: ["prometheus"],
      node: [...Object.keys(nodes), ...debian].sort(),
      pve: Object.keys(nodes).sort(),
      talos: talos.sort(),
      "dmz-closed": ["traefik-dmz"],
    });
  });

  test("what nobody set up is not asked", () => {
    const { grafana: _grafana, ...services } = shipped.services;
    expect(jobs().map(({ job_name }) => job_name)).toContain("grafana");
    expect(jobs({ ...shipped, services }).map(({ job_name }) => job_name)).not.toContain("grafana");
  });

  test("who may come from the management network by SSH is no proof of an open door", () => {
    const management = { ...shipped.containers["prometheus"], network: "management" };
    const containers = { ...shipped.containers, prometheus: management as (typeof shipped.containers)[string] };
    expect(jobs({ ...shipped, containers }).map(({ job_name }) => job_name)).not.toContain("dmz-closed");
  });

  test("versions leave room for what Debian's security team adds", () => {
    const [preferences] = stepNamed("prometheus-packages").files;
    expect(preferences?.text).toEqual([
      expect.stringContaining("Package: prometheus\nPin: version 2.53.3*\nPin-Priority: 1001\n"),
    ]);
  });

  test("the token of the exporter stands in a file that others cannot read, and nowhere else", () => {
    const secrets = stepsOf().flatMap(({ files }) =>
      files.flatMap(({ path, mode, owner, text }) =>
        text.flatMap((part) => (typeof part === "string" ? [] : [[part.secret, path, mode, owner]])),
      ),
    );
    expect(secrets).toEqual([
      ["pveExporterToken", "/etc/prometheus/pve.yml", "0640", "root:prometheus"],
      ["pveAuthority", "/etc/prometheus/pve-root-ca.pem", "0644", "root:root"],
    ]);
    stage(staged, stepNamed("prometheus-pve-exporter"));
    expect(parse(readFileSync(join(staged, "etc/prometheus/pve.yml"), "utf8"))).toEqual({
      default: {
        user: "homelab-exporter@pve",
        token_name: "prometheus",
        verify_ssl: "/etc/prometheus/pve-root-ca.pem",
        token_value: "pveExporterToken",
      },
    });
  });
});

describe("what Debian's programs say", () => {
  test.skipIf(lacks("promtool"))("promtool takes configuration and rules", () => {
    const step = stepNamed("prometheus-configuration");
    stage(staged, step);
    expect(check(step)).toMatchObject({ code: 0 });
    const rules = join(staged, "etc/prometheus/rules");
    const files = readdirSync(rules).map((file) => join(rules, file));
    expect(run("promtool", ["check", "rules", "--lint-fatal", ...files])).toMatchObject({ code: 0 });
  });

  test.skipIf(lacks("promtool"))("promtool refuses what is wrong", () => {
    const step = stepNamed("prometheus-configuration");
    stage(staged, step);
    rmSync(join(staged, "etc/prometheus/rules/hosts.yml"));
    const { code, messages } = check(step);
    expect([code, messages]).toEqual([1, expect.stringContaining("hosts.yml")]);
  });

  test.skipIf(lacks("promtool")).each(testFiles())("alerts of %s fire and stay silent", (file) => {
    stage(staged, stepNamed("prometheus-configuration"));
    const folder = join(staged, "etc/prometheus");
    cpSync(join(tests, file), join(folder, file));
    const { code, output, messages } = run("promtool", ["test", "rules", file], { cwd: folder });
    expect(`${code}\n${output}${messages}`).toMatch(/^0\n/);
  });

  test.skipIf(lacks("prometheus-blackbox-exporter"))("the blackbox exporter takes its modules", () => {
    const step = stepNamed("prometheus-blackbox-exporter");
    stage(staged, step);
    expect(check(step)).toMatchObject({ code: 0 });
    writeFileSync(join(staged, "etc/prometheus/blackbox.yml"), "modules: { a: { prober: tcp, timeout: never } }\n");
    expect(check(step)).toMatchObject({ code: 1 });
  });

  test.skipIf(lacks("systemd-analyze"))("systemd takes the exporter's unit", () => {
    stage(staged, stepNamed("prometheus-pve-exporter"));
    const unit = join(staged, "etc/systemd/system/prometheus-pve-exporter.service");
    // The user exists in the guest, not here.
    writeFileSync(unit, readFileSync(unit, "utf8").replace("User=prometheus", "User=root"));
    expect(run("systemd-analyze", ["verify", "--man=no", unit])).toMatchObject({ code: 0, messages: "" });
  });

  test.skipIf(lacks("apt-config"))("apt takes the settings of upgrades, which are Debian's security alone", () => {
    const [guest] = guestsOf(shipped);
    const [packages] = guest === undefined ? [] : planSystem(guest, shipped);
    if (packages === undefined) throw new Error("Guests get nothing.");
    stage(staged, packages);
    const { code, output } = run("apt-config", ["dump"], {
      environment: { APT_CONFIG: join(staged, "etc/apt/apt.conf.d/52homelab-upgrades") },
    });
    expect(code).toBe(0);
    expect(output.split("\n").filter((line) => line.includes("Origins-Pattern::"))).toEqual([
      'Unattended-Upgrade::Origins-Pattern:: "origin=Debian,codename=${distro_codename}-security,label=Debian-Security";',
    ]);
  });
});

test("each alert is seen to fire and to stay silent", () => {
  stage(staged, stepNamed("prometheus-configuration"));
  const rules = join(staged, "etc/prometheus/rules");
  const alerts = new Set(
    readdirSync(rules).flatMap((file) => {
      const { groups } = parse(readFileSync(join(rules, file), "utf8")) as {
        groups: { rules: { alert: string }[] }[];
      };
      return groups.flatMap((group) => group.rules.map(({ alert }) => alert));
    }),
  );
  const seen = testFiles().flatMap((file) => {
    const suite = parse(readFileSync(join(tests, file), "utf8")) as {
      tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
    };
    return suite.tests.flatMap(({ alert_rule_test }) => alert_rule_test);
  });
  const named = (fires: boolean) =>
    new Set(seen.filter(({ exp_alerts }) => exp_alerts.length > 0 === fires).map(({ alertname }) => alertname));
  expect(named(true)).toEqual(alerts);
  expect(named(false)).toEqual(alerts);
});

function stepsOf(inventory = shipped): StepPlan[] {
  return guestsOf(inventory)
    .filter(({ guest }) => guest.runs === "prometheus")
    .flatMap((guest) => planPrometheus(guest, inventory));
}

function stepNamed(name: string, inventory = shipped): StepPlan {
  const step = stepsOf(inventory).find((candidate) => candidate.name === name);
  if (step === undefined) throw new Error(`There is no step ${name}.`);
  return step;
}

function check({ check: script = "false" }: StepPlan) {
  return run("sh", ["-euc", script], { environment: { STAGED: staged } });
}

interface Job {
  readonly job_name: string;
  readonly static_configs: readonly { readonly labels: Readonly<Record<string, string>> }[];
}

function jobs(inventory = shipped): readonly Job[] {
  const file = stepNamed("prometheus-configuration", inventory).files.find(({ path }) =>
    path.endsWith("/prometheus.yml"),
  );
  return (parse(file?.text.map(String).join("") ?? "") as { scrape_configs: Job[] }).scrape_configs;
}

function testFiles(): string[] {
  return readdirSync(tests).filter((file) => file.endsWith(".test.yml"));
}
