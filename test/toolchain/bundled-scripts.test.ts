import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { bundle } from "../../toolchain/bundle.mjs";

const project = resolve(import.meta.dirname, "../..");
const { scripts } = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as {
  scripts: Readonly<Record<string, string>>;
};
const entries = Object.entries(scripts).flatMap(([name, command]) => {
  const [, entry] = /toolchain\/run\.mjs (?:--\S+ )?(\S+\.ts)$/.exec(command) ?? [];
  return entry === undefined ? [] : [[name, entry] as const];
});

test("nearly every npm script is bundled", () => {
  expect(entries.length).toBeGreaterThan(15);
});

test.each([...entries, ["the Pulumi program", "src/start.ts"] as const])("%s can be bundled", async (_name, entry) => {
  await expect(bundle(project, entry)).resolves.toMatch(/\.cjs$/);
});
