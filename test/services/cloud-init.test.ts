import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { findProgram } from "../../scripts/find-program.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { planHomelab } from "../../src/plan/plan.ts";
import { runProgram } from "./run-program.ts";

const folder = mkdtempSync(join(tmpdir(), "cloud-init-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const { machines } = planHomelab(loadInventory(resolve(import.meta.dirname, "../..")));
const texts = machines.flatMap((machine) =>
  machine.kind === "cloud" ? [[machine.name, machine.userData.text] as const] : [],
);

describe.skipIf(findProgram("cloud-init") === undefined)("cloud-init itself (skipped where there is none)", () => {
  const check = (text: string) => {
    const file = join(folder, "user-data.yaml");
    writeFileSync(file, text);
    return runProgram("cloud-init", ["schema", "--config-file", file]);
  };

  test.each(texts)("takes the user data of %s", (_name, text) => {
    expect(check(text)).toMatchObject({ code: 0, out: expect.stringContaining("Valid") as string });
  });

  test("would refuse what it does not know", () => {
    expect(check(texts[0]?.[1].replace("runcmd:", "runcommand: 1\nruncmd: 7\n#") ?? "").code).not.toBe(0);
  });
});
