import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { loadPins } from "../../toolchain/pins.mjs";

const project = resolve(import.meta.dirname, "../..");
const pins = loadPins(join(project, "toolchain"));
const manifest = JSON.parse(read("package.json")) as {
  dependencies: Record<string, string>;
  scripts: Record<string, string>;
};

test("the engine is the same version for npm, Go and the release", () => {
  expect(manifest.dependencies["@pulumi/pulumi"]).toBe(pins.pulumi.version);
  expect(read("toolchain/engine/go.mod")).toContain(`github.com/pulumi/pulumi/pkg/v3 v${pins.pulumi.version} `);
  expect(pins.pulumi.compatible.minimum).toBe(pins.pulumi.version);
});

test.each([
  ["proxmoxve", "@muhlba91/pulumi-proxmoxve"],
  ["command", "@pulumi/command"],
])("the plugin %s has the version that its SDK %s asks for", (plugin, sdk) => {
  expect(pins.plugins[plugin]?.version).toBe(manifest.dependencies[sdk]);
});

test("all of npm's dependencies are pinned", () => {
  for (const [name, version] of Object.entries(manifest.dependencies)) {
    expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
  }
});

test("the lock file names no registry", () => {
  expect(read("package-lock.json")).not.toMatch(/"resolved": "https?:/);
});

test("every Go module needs at least the Go that setup asks for", () => {
  for (const module of ["engine", "language-nodejs", "proxmoxve", "command"]) {
    const version = /^go (\d+\.\d+)/m.exec(read(`toolchain/${module}/go.mod`))?.[1];
    expect(version, module).toBe(pins.go.minimum);
  }
});

test("the old language host gets the runtime options of Pulumi.yaml, in any folder of the project", () => {
  const { runtime } = parse(read("Pulumi.yaml")) as { runtime: { options: { typescript: boolean; nodeargs: string } } };
  const folder = mkdtempSync(join(tmpdir(), "language-host-"));
  const host = join(folder, "pulumi-language-nodejs");
  cpSync(join(project, "toolchain/language-nodejs/pulumi-language-nodejs.sh"), host);
  writeFileSync(`${host}-3.40`, `#!/bin/sh\nprintf '%s\\n' "$@"\n`, { mode: 0o755 });
  for (const cwd of [project, join(project, "src/plan")]) {
    const given = execFileSync("sh", [host, "127.0.0.1:1"], { cwd, encoding: "utf8" }).trim().split("\n");
    const { typescript, nodeargs } = runtime.options;
    expect(given).toEqual([`-typescript=${String(typescript)}`, `-nodeargs=${nodeargs}`, "127.0.0.1:1"]);
  }
  rmSync(folder, { recursive: true });
});

test("every command that the README names exists", () => {
  const named = [...read("README.md").matchAll(/npm run ([a-z:-]+)/g)].map(([, name]) => name ?? "");
  expect(named.length).toBeGreaterThan(5);
  for (const name of named) expect(Object.keys(manifest.scripts)).toContain(name);
});

function read(file: string): string {
  return readFileSync(join(project, file), "utf8");
}
