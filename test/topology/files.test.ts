import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { planHomelab } from "../../src/plan/plan.ts";
import { embedTopology, renderTopologyFiles } from "../../scripts/topology-files.ts";
import { shipped } from "./generated-plans.ts";
import { scriptArguments } from "../e2e/run-script.ts";

const project = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "topology-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const files = renderTopologyFiles(planHomelab(shipped));

// Whoever changes the inventory runs `npm run topology`.
test.each(Object.entries(files))("docs/%s shows the homelab as it is described", (name, text) => {
  expect(readFileSync(join(project, "docs", name), "utf8")).toBe(text);
});

test("README.md shows the picture, and the flowchart as it is drawn now", () => {
  const readme = readFileSync(join(project, "README.md"), "utf8");
  expect(readme).toContain("(docs/topology.svg)");
  expect(embedTopology(readme, files["topology.mmd"])).toBe(readme);
});

describe("embedTopology", () => {
  const begin = "<!-- topology: begin (npm run topology writes what follows) -->";
  const end = "<!-- topology: end -->";

  test("replaces what is between the markers, and nothing else", () => {
    const wanted = `# A\n\n${begin}\n\n\`\`\`mermaid\nflowchart TB\n\`\`\`\n\n${end}\n\nB\n`;
    expect(embedTopology(`# A\n\n${begin}\nold\n${end}\n\nB\n`, "flowchart TB\n")).toBe(wanted);
    expect(embedTopology(wanted, "flowchart TB\n")).toBe(wanted);
  });

  test.each(["# A\n", `${begin}\n`, `${end}\n${begin}\n`, `${begin}${end}${begin}${end}`])("refuses %j", (text) => {
    expect(() => embedTopology(text, "flowchart TB\n")).toThrow(
      `The flowchart has no place in the text. Write these two lines where it shall be:\n${begin}\n${end}`,
    );
  });
});

describe("npm run topology", { timeout: 60_000 }, () => {
  test("writes both files where it is told to, and knows when they are stale", () => {
    const stale = run("--output", folder, "--check");
    expect(stale).toMatchObject({ status: 1, stdout: "" });
    expect(stale.stderr).toMatch(
      /^Not what would be drawn:\n.*topology\.svg\n.*topology\.mmd\nRun npm run topology and/,
    );
    expect(run("--output", folder)).toMatchObject({ status: 0, stderr: "" });
    expect(readFileSync(join(folder, "topology.svg"), "utf8")).toBe(files["topology.svg"]);
    expect(run("--output", folder, "--check")).toMatchObject({
      status: 0,
      stdout: "The pictures show the homelab as it is described.\n",
    });
    writeFileSync(join(folder, "topology.mmd"), "flowchart TB\n");
    const changed = run("--output", folder, "--check");
    expect(changed.status).toBe(1);
    expect(changed.stderr).not.toContain("topology.svg");
  });

  test("tells how it is used", () => {
    expect(run("--help")).toMatchObject({ status: 0, stdout: expect.stringContaining("--check") as string });
    expect(run("--colour")).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^Unknown option '--colour'/) as string,
    });
  });
});

function run(...args: readonly string[]) {
  const command = scriptArguments("scripts/topology.ts", args);
  return spawnSync(process.execPath, command, { cwd: project, encoding: "utf8" });
}
