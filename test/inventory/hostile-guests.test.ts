import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { findProgram } from "../../scripts/find-program.ts";
import { checkFiles } from "../../src/inventory/load.ts";
import { YamlFile } from "../../src/inventory/yaml-file.ts";
import { planUserData } from "../../src/plan/cloud-init.ts";
import { planHomelab, type HomelabPlan } from "../../src/plan/plan.ts";
import { runProgram } from "../services/run-program.ts";
import { shippedTexts } from "./hostile-mutations.ts";
import { renderedTexts } from "./hostile-proof.ts";
import { hostileTexts } from "./hostile-values.ts";

const folder = mkdtempSync(join(tmpdir(), "hostile-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

// Names by the inventory's rules that YAML 1.1, which cloud-init reads, takes for something else.
const ambiguous = [
  "on",
  "off",
  "yes",
  "no",
  "null",
  "true",
  "y",
  "2026-01-01",
  "0x1f",
  "0b11",
  "0o17",
  "017",
  "1e3",
  "12",
];

describe("names that YAML could take for something else reach cloud-init as they are", () => {
  test.each(ambiguous)("%s", (name) => {
    const { text } = planUserData({ name, vmid: 100 }, "homelab");
    for (const version of ["1.1", "1.2"] as const) {
      expect(parse(text, { version })).toMatchObject({ hostname: name, users: [""] });
    }
  });

  test.skipIf(findProgram("cloud-init") === undefined)("to cloud-init itself (skipped where there is none)", () => {
    // It asks for a text, and takes a second for each.
    const file = join(folder, "user-data.yaml");
    writeFileSync(file, planUserData({ name: "on", vmid: 100 }, "homelab").text);
    const { code, out } = runProgram("cloud-init", ["schema", "--config-file", file]);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining("Valid") as string });
  });
});

describe("a mail server's user name", () => {
  const shipped = shippedTexts();
  const accepted = hostileTexts.flatMap((username) => {
    const plan = planWith("services", "username: git", `username: ${JSON.stringify(username)}`);
    return plan === undefined ? [] : [[username, plan] as const];
  });

  test("may have in it what is no end of a line", () => {
    expect(accepted.length).toBeGreaterThan(25);
  });

  test.skipIf(findProgram("ruby") === undefined)("is to Ruby what it was (skipped where there is none)", () => {
    const texts = accepted.map(([, plan]) => renderedTexts(plan).find(({ path }) => path.endsWith("gitlab.rb"))?.text);
    const read = `require "json"
def method_missing(name, *args) = args.empty? ? ($all[name] ||= {}) : nil
def respond_to_missing?(*) = true
File.define_singleton_method(:read) { |*| "secret" }
texts = JSON.parse($stdin.read)
puts JSON.generate(texts.map { |text| $all = {}; eval(text); $all[:gitlab_rails]["smtp_user_name"] })`;
    const { out } = runProgram("ruby", ["-W0", "-e", read], { input: JSON.stringify(texts) });
    expect(JSON.parse(out)).toEqual(accepted.map(([username]) => username));
  });

  function planWith(file: string, from: string, to: string): HomelabPlan | undefined {
    const files = [...shipped].map(([key, text]) => [key, key === file ? text.replace(from, () => to) : text] as const);
    try {
      return planHomelab(
        checkFiles(new Map(files.map(([key, text]) => [key, new YamlFile(`${key}.yaml`, key, text)]))),
      );
    } catch {
      return undefined;
    }
  }
});
