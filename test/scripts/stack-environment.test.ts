import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { stackEnvironment, type Toolchain } from "../../scripts/stack-environment.ts";

const toolchain: Toolchain = {
  from: "source",
  version: "3.259.0",
  pulumi: "/cache/bin/pulumi",
  home: "/cache/home",
  plugins: {},
};

let project: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "environment-"));
  writeFileSync(join(project, "Pulumi.yaml"), "name: homelab\n");
  for (const name of ["PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CREDENTIALS_PATH"])
    vi.stubEnv(name, undefined);
  vi.stubEnv("PULUMI_HOME", join(project, "user-home"));
  vi.stubEnv("PATH", "/usr/bin");
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(project, { recursive: true });
});

test("the demo's stack uses the project's own state, passphrase and engine, whatever the user has", () => {
  vi.stubEnv("PULUMI_BACKEND_URL", "s3://mine");
  vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", "mine");
  const environment = stackEnvironment(project, toolchain, "demo");
  expect(environment).toMatchObject({
    PULUMI_STACK: "demo",
    PULUMI_HOME: "/cache/home",
    PULUMI_BACKEND_URL: `file://${project}/.homelab/demo/state`,
    PULUMI_CONFIG_PASSPHRASE: undefined,
    PULUMI_CONFIG_PASSPHRASE_FILE: join(project, ".homelab/passphrase"),
    PATH: "/cache/bin:/usr/bin",
    HOME: join(project, ".homelab/demo/home"),
  });
  expect(statSync(join(project, ".homelab/demo/home/.ssh")).mode & 0o777).toBe(0o700);
});

test("the passphrase is made once, for its owner only", () => {
  stackEnvironment(project, toolchain, "demo");
  const file = join(project, ".homelab/passphrase");
  const first = readFileSync(file, "utf8");
  expect(first).toMatch(/^[\w-]{32}$/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  stackEnvironment(project, toolchain, "demo");
  expect(readFileSync(file, "utf8")).toBe(first);
});

test("a stack of the user's own keeps the user's backend and passphrase", () => {
  vi.stubEnv("PULUMI_BACKEND_URL", "s3://mine");
  vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", "mine");
  const environment = stackEnvironment(project, toolchain, "homelab");
  expect(environment).toMatchObject({ PULUMI_BACKEND_URL: "s3://mine", PULUMI_CONFIG_PASSPHRASE: "mine" });
  expect(environment).not.toHaveProperty("PULUMI_CONFIG_PASSPHRASE_FILE");
});

test("a login of the user's is respected, also where the project has its own engine", () => {
  const home = join(project, "user-home");
  mkdirSync(home);
  writeFileSync(join(home, "credentials.json"), JSON.stringify({ current: "https://api.pulumi.com" }));
  const environment = stackEnvironment(project, toolchain, "homelab");
  expect(environment).toMatchObject({ PULUMI_HOME: "/cache/home", PULUMI_CREDENTIALS_PATH: home });
  expect(environment).not.toHaveProperty("PULUMI_BACKEND_URL");
});

test("a backend in Pulumi.yaml is respected", () => {
  writeFileSync(join(project, "Pulumi.yaml"), "name: homelab\nbackend: { url: gs://mine }\n");
  expect(stackEnvironment(project, toolchain, "homelab")).not.toHaveProperty("PULUMI_BACKEND_URL");
});

test("without any backend the state is kept in the project's ignored folder", () => {
  expect(stackEnvironment(project, toolchain, "homelab")).toMatchObject({
    PULUMI_BACKEND_URL: `file://${project}/.homelab/state`,
    PULUMI_CONFIG_PASSPHRASE_FILE: join(project, ".homelab/passphrase"),
  });
});

test("the user's own Pulumi keeps its home", () => {
  const own: Toolchain = { ...toolchain, from: "path", home: null, pulumi: "/opt/pulumi/pulumi" };
  expect(stackEnvironment(project, own, "homelab")).toMatchObject({
    PULUMI_HOME: join(project, "user-home"),
    PATH: "/opt/pulumi:/usr/bin",
  });
});

test("the authority that a stack names is trusted besides the others", () => {
  writeFileSync(join(project, "others.pem"), "OTHERS");
  writeFileSync(join(project, "pve-root-ca.pem"), "PVE");
  writeFileSync(join(project, "Pulumi.homelab.yaml"), "config:\n  homelab:caFile: pve-root-ca.pem\n");
  vi.stubEnv("SSL_CERT_FILE", join(project, "others.pem"));
  const bundle = stackEnvironment(project, toolchain, "homelab")["SSL_CERT_FILE"];
  expect(readFileSync(bundle ?? "", "utf8")).toBe("PVE\nOTHERS\n");
});
