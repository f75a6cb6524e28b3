import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const project = resolve(import.meta.dirname, "../..");

describe.each([
  ["src/inventory", /^(@pulumi|@muhlba91|.*\/(plan|components)\/|.*settings)/],
  ["src/plan", /^(@pulumi|@muhlba91|node:(?!path|crypto)|.*\/components\/|.*settings)/],
  ["src/topology", /^(@pulumi|@muhlba91|node:|.*\/(inventory|components)\/|.*settings)/],
  ["src/provision", /^(@pulumi|@muhlba91|\.\.\/(inventory|components|settings))/],
  ["src/proxmox", /^(@pulumi|@muhlba91|\.\.\/)/],
  ["src/doctor", /^(@pulumi|@muhlba91|node:|\.\.\/(inventory|components|bootstrap|settings))/],
  ["src/adopt", /^(@pulumi|@muhlba91|node:(?!zlib)|\.\.\/(inventory|plan|components|bootstrap|doctor|settings))/],
  ["src/failures", /^(@pulumi|@muhlba91|node:|\.\.\/(inventory|plan|components|bootstrap|doctor|settings))/],
  ["src/report", /^(@pulumi|@muhlba91|node:(?!crypto)|\.\.\/(inventory|plan|components|bootstrap|doctor|settings))/],
  ["src/drift", /^(@pulumi|@muhlba91|node:|\.\.\/(components|bootstrap|settings))/],
  ["src/bootstrap", /^(@pulumi|@muhlba91|\.\.\/(inventory|components|settings))/],
  ["src", /simulator/],
  ["simulator/src", /^(@pulumi|@muhlba91|(\.\.\/)+src\/|(\.\.\/){2,}(src|scripts|test))/],
])("%s", (folder, forbidden) => {
  test.each(sources(folder))("%s imports nothing that it must not", (file) => {
    expect(importsOf(file).filter((name) => forbidden.test(name))).toEqual([]);
  });
});

test.each(sources("src/topology"))("%s takes nothing but types from the plan", (file) => {
  const text = readFileSync(join(project, file), "utf8");
  expect(text).not.toMatch(/\bimport (?!type\b)[^;]*from "\.\.\/plan\//);
});

test.each(sources("src/components"))("%s decides nothing", (file) => {
  expect(readFileSync(join(project, file), "utf8")).not.toMatch(/\?\?|\|\||\bz\.|JSON\.parse|process\.env/);
});

test.each(sources("src").filter((file) => !file.endsWith("settings.ts")))(
  "%s leaves the stack's settings to settings.ts",
  (file) => {
    expect(readFileSync(join(project, file), "utf8")).not.toMatch(/new (pulumi\.)?Config\(/);
  },
);

test.each([...sources("toolchain"), ...sources("simulator/src")])(
  "%s needs nothing outside of its own folder",
  (file) => {
    const depth = file.split("/").length - (file.startsWith("simulator/src") ? 3 : 2);
    const outside = importsOf(file).filter((name) => (name.match(/\.\.\//g)?.length ?? 0) > depth);
    expect(outside).toEqual([]);
  },
);

function sources(folder: string): string[] {
  return readdirSync(join(project, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|mjs)$/.test(file) && !file.includes("node_modules"))
    .map((file) => join(folder, file))
    .sort();
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(project, file), "utf8");
  return [...text.matchAll(/(?:from|import) ?\(?"([^"]+)"/g)].map(([, name]) => name ?? "");
}
