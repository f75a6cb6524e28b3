import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { guestsOf, type NamedGuest } from "../../src/plan/named-guests.ts";
import { planGrafana } from "../../src/plan/services/grafana.ts";
import type { FilePlan, StepPlan } from "../../src/plan/steps.ts";

const shipped = loadInventory(resolve(import.meta.dirname, "../.."));
const settings = { version: "13.2.3", adminUser: "admin" };
const influxdb = {
  version: "2.9.1",
  organization: "homelab",
  bucket: "proxmox",
  retention: 86_400,
  adminUser: "admin",
  onDrift: "report" as const,
};
const inventory: Inventory = { ...shipped, services: { ...shipped.services, grafana: settings, influxdb } };
const anyTraefik = {} as never;
const folder = mkdtempSync(join(tmpdir(), "grafana-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const steps = planFor(inventory);
const files = steps.flatMap((step) => step.files);

test("without settings nothing is set up", () => {
  const { grafana, ...services } = inventory.services;
  expect(grafana).toBeDefined();
  expect(planFor({ ...inventory, services })).toEqual([]);
});

test("the package comes first, then the password that the first start reads, then what starts it", () => {
  expect(steps.map(({ name }) => name).slice(0, 3)).toEqual([
    "grafana-packages",
    "grafana-admin-password",
    "grafana-configuration",
  ]);
});

test("secrets are in files of their own that only Grafana reads, and nowhere else", () => {
  const secret = files.filter(({ text }) => text.some((part) => typeof part !== "string"));
  expect(secret.map(({ path, mode, owner }) => ({ path, mode, owner }))).toEqual(
    ["admin-password", "secret-key", "influxdb-password"].map((name) => ({
      path: `/etc/grafana/secrets/${name}`,
      mode: "0640",
      owner: "root:grafana",
    })),
  );
});

describe("grafana.ini", () => {
  const ini = parseIni(textOf("/etc/grafana/grafana.ini"));

  test("lets nobody in who does not log in, and nobody sign up", () => {
    expect(ini["auth.anonymous"]).toEqual({ enabled: "false" });
    expect(ini["users"]).toEqual({ allow_sign_up: "false", allow_org_create: "false" });
  });

  test("names files for secrets, which are there", () => {
    const { admin_password: password, secret_key: key } = ini["security"] ?? {};
    const named = [password, key].map((value) => /^\$__file\{(.+)\}$/.exec(value ?? "")?.[1]);
    expect(files.map(({ path }) => path)).toEqual(expect.arrayContaining(named));
  });

  test("calls nobody outside", () => {
    expect(new Set(Object.values(ini["analytics"] ?? {}))).toEqual(new Set(["false"]));
    expect(ini["news"]).toEqual({ news_feed_enabled: "false" });
  });

  test("says where browsers find it: behind Traefik where there is one", () => {
    const { traefik, ...rest } = inventory.services;
    expect(serverOf({ ...rest })).toMatchObject({ root_url: "http://10.20.0.10:3000/", domain: "10.20.0.10" });
    const behind = serverOf({ ...rest, traefik: traefik ?? anyTraefik });
    expect(behind).toMatchObject({ root_url: "https://grafana.home.example.net/", domain: "grafana.home.example.net" });
  });
});

describe("the data sources", () => {
  test("are Prometheus and InfluxDB, as the panels refer to them", () => {
    const { datasources } = parse(textOf("/etc/grafana/provisioning/datasources/homelab.yaml")) as {
      datasources: { uid: string; url: string; secureJsonData?: unknown }[];
    };
    expect(datasources.map(({ uid, url }) => [uid, url])).toEqual([
      ["prometheus", "http://10.20.0.11:9090"],
      ["influxdb", "http://10.20.0.12:8086"],
    ]);
    expect(datasources[1]?.secureJsonData).toEqual({ password: "$__file{/etc/grafana/secrets/influxdb-password}" });
  });

  test("are left out where there is none, and so is what asks them", () => {
    const { influxdb: without, ...services } = inventory.services;
    expect(without).toBeDefined();
    const own = planFor({ ...inventory, services }).flatMap((step) => step.files);
    expect(own.map(({ path }) => path)).not.toContain("/etc/grafana/secrets/influxdb-password");
    expect(own.map(plainText).join("")).not.toContain("influx");
  });
});

test("dashboards are read from the folder where they are put, and need no restart", () => {
  const { providers } = parse(textOf("/etc/grafana/provisioning/dashboards/homelab.yaml")) as {
    providers: { options: { path: string }; allowUiUpdates: boolean }[];
  };
  expect(providers).toMatchObject([{ options: { path: "/etc/grafana/dashboards" }, allowUiUpdates: false }]);
  const step = stepNamed("grafana-dashboards");
  expect(step.files.map(({ path }) => dirname(path))).toEqual(Array(6).fill("/etc/grafana/dashboards"));
  expect(step.activate).toBeUndefined();
  for (const file of step.files) expect(() => JSON.parse(plainText(file)) as unknown).not.toThrow();
});

describe("the check of what is staged", () => {
  const path = join(folder, "etc/grafana/secrets/influxdb-password");
  beforeAll(() => {
    mkdirSync(dirname(path), { recursive: true });
  });

  test.each([
    ["correct-horse", 0, ""],
    ["pa$word", 1, "The secret for /etc/grafana/secrets/influxdb-password has a dollar sign"],
  ])("of the password %s ends with %i", (password, status, message) => {
    writeFileSync(path, `${password}\n`);
    const run = sh(`export STAGED=${folder}\n${stepNamed("grafana-configuration").check ?? "false"}`);
    expect(run.status).toBe(status);
    expect(run.stderr).toContain(message);
    expect(run.stderr).not.toContain(password);
  });
});

test.each(
  steps.flatMap(({ name, check, activate, verify }) =>
    activate === undefined ? [] : [[name, [check, activate, verify].join("\n")]],
  ),
)("the scripts of %s are POSIX shell", (_name, script) => {
  expect(spawnSync("sh", ["-n"], { input: script, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
});

test("no secret is named in a script", () => {
  for (const { activate = "", verify = "", check = "" } of steps)
    expect(activate + verify + check).not.toMatch(/--password[ =]/);
});

function planFor(given: Inventory): StepPlan[] {
  const [named] = guestsOf(given).filter(({ guest }) => guest.runs === "grafana") as [NamedGuest];
  return planGrafana(named, given);
}

function serverOf(services: Inventory["services"]) {
  const [file] = planFor({ ...inventory, services })
    .flatMap((step) => step.files)
    .filter(({ path }) => path === "/etc/grafana/grafana.ini") as [FilePlan];
  return parseIni(plainText(file))["server"];
}

function stepNamed(name: string): StepPlan {
  const [step] = steps.filter((candidate) => candidate.name === name);
  if (step === undefined) throw new Error(`There is no step ${name}.`);
  return step;
}

function textOf(path: string): string {
  const [file] = files.filter((candidate) => candidate.path === path);
  if (file === undefined) throw new Error(`There is no file ${path}.`);
  return plainText(file);
}

function plainText({ text }: FilePlan): string {
  return text.filter((part) => typeof part === "string").join("");
}

function sh(script: string) {
  return spawnSync("sh", ["-eu"], { input: script, encoding: "utf8" });
}

function parseIni(text: string): Record<string, Record<string, string>> {
  const sections: Record<string, Record<string, string>> = {};
  let section: Record<string, string> = {};
  for (const line of text.split("\n").filter((candidate) => candidate !== "")) {
    const [, title] = /^\[(.+)\]$/.exec(line) ?? [];
    const [, key, value] = /^(\w+) = (.*)$/.exec(line) ?? [];
    if (title !== undefined) sections[title] = section = {};
    else if (key !== undefined && value !== undefined) section[key] = value;
    else throw new Error(`"${line}" is neither a section nor a setting.`);
  }
  return sections;
}
