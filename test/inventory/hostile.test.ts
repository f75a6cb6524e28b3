import { afterAll, describe, expect, test } from "vitest";
import { InventoryError } from "../../src/inventory/inventory-error.ts";
import { checkFiles } from "../../src/inventory/load.ts";
import { YamlFile } from "../../src/inventory/yaml-file.ts";
import { planHomelab, type HomelabPlan } from "../../src/plan/plan.ts";
import { mutationsOf, shippedTexts, type Mutation } from "./hostile-mutations.ts";
import { misdrawn, misread, misreadByShell, plainTexts, renderedTexts, type RenderedText } from "./hostile-proof.ts";

/** All of them take two minutes: HOSTILE_EVERY=1. */
const every = Number(process.env["HOSTILE_EVERY"] ?? 7);
const texts = shippedTexts();
const read = (file: string, text: string) => new YamlFile(`config/homelab/${file}.yaml`, file, text);
const files = new Map([...texts].map(([file, text]) => [file, read(file, text)]));
const shipped = planHomelab(checkFiles(files));
const shippedRendered = new Set(renderedTexts(shipped).map(({ text }) => text));
const counts = { tried: 0, refused: 0, harmless: 0, slowest: 0 };

afterAll(() => {
  process.stdout.write(
    `Hostile inventories: ${counts.tried} tried, ${counts.refused} refused, ${counts.harmless} harmless; the slowest took ${Math.round(counts.slowest)} ms.\n`,
  );
});

describe("whatever stands at a place of the inventory is refused with its position, or harmless", () => {
  test.each([...texts])("in %s.yaml", (file, text) => {
    const scripts = new Set<string>();
    const words = new Set<string>();
    for (const mutation of mutationsOf(file, text, every)) {
      const begun = performance.now();
      const plan = planOf(mutation);
      counts.slowest = Math.max(counts.slowest, performance.now() - begun);
      if (plan === undefined) continue;
      const changed = renderedTexts(plan).filter((rendered) => !shippedRendered.has(rendered.text));
      expect(harm(plan, changed, mutation), mutation.name).toEqual([]);
      for (const script of changed.filter(({ path }) => path.endsWith(".sh"))) {
        scripts.add(script.text);
        if (mutation.value !== undefined && script.text.includes(mutation.value)) words.add(mutation.value);
      }
    }
    expect(misreadByShell([...scripts], [...words])).toEqual([]);
  });

  test("and there are enough of them, on both sides", () => {
    expect(counts.tried).toBeGreaterThan(3000);
    expect(counts.refused).toBeGreaterThan(2500);
    expect(counts.harmless).toBeGreaterThan(100);
    expect(counts.slowest).toBeLessThan(1000);
  });
});

function planOf({ name, file, text }: Mutation): HomelabPlan | undefined {
  counts.tried++;
  try {
    const plan = planHomelab(checkFiles(new Map([...files, [file, read(file, text)]])));
    counts.harmless++;
    return plan;
  } catch (error) {
    expect(error, name).toBeInstanceOf(InventoryError);
    expectClear(error as InventoryError, name, file, text);
    counts.refused++;
    return undefined;
  }
}

function expectClear({ message, issues }: InventoryError, name: string, file: string, text: string): void {
  // Nothing for a terminal to obey, no stack, and no more than somebody reads.
  expect(message, name).not.toMatch(/[^\P{Cc}\n]|[\u202e\u2028]|^ {4}at /mu);
  expect(message.length, name).toBeLessThan(50_000);
  expect(issues.length, name).toBeGreaterThan(0);
  for (const issue of issues) {
    expect(issue.problem, name).toMatch(/\S.*[.!?]$/su);
    expect(issue.remedy, name).toMatch(/\S{2}/);
    expect(issue.file, name).toMatch(/^config\/homelab\/[a-z]+\.yaml$/);
    if (issue.file !== `config/homelab/${file}.yaml`) continue;
    const lines = text.split("\n");
    expect(lines[issue.line - 1]?.length ?? -1, `${name} at ${issue.line}:${issue.column}`).toBeGreaterThanOrEqual(
      issue.column - 1,
    );
  }
}

function harm(plan: HomelabPlan, changed: readonly RenderedText[], { value, file }: Mutation): string[] {
  return [
    ...plainTexts(plan).filter((text) => /[\p{Cc}\p{Cs}\u202e\u2028]/u.test(text)),
    ...changed.flatMap((rendered) => misread(rendered, value)),
    ...(file === "nodes" && value !== undefined ? misdrawn(plan, shipped) : []),
  ];
}
