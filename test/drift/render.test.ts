import { XMLParser } from "fast-xml-parser";
import { describe, expect, test } from "vitest";
import { exitCodeOf, type Look } from "../../src/drift/drift.ts";
import { renderJunit } from "../../src/drift/render-junit.ts";
import { renderDrift } from "../../src/drift/render.ts";
import { changed } from "./grafana-drift.ts";

const clean: Look = { area: "pools", subject: "pool rpool of pve-01", drifts: [] };
const stranger: Look = {
  area: "unmanaged",
  subject: "guests",
  drifts: [
    { kind: "unmanaged", what: "machine \u001b[31m<toy>\u0007", where: "pve-02, VMID 9", was: null, is: "there" },
  ],
};
const blind: Look = {
  area: "guests and nodes",
  subject: "steps in web",
  drifts: [],
  unchecked: { reason: "no & SSH", incomplete: true },
};
const partly: Look = {
  area: "unmanaged",
  subject: "users",
  drifts: [],
  unchecked: { reason: "may not", incomplete: false },
};

const accepted: Look = { ...changed, policy: "accept" };
const refused: Look = {
  ...changed,
  policy: "restore",
  drifts: changed.drifts.map((drift) => ({ ...drift, refusal: "It would be lost." })),
};
const restored: Look = { ...changed, policy: "restore", drifts: [], restored: changed.drifts };

test.each<[string, readonly Look[], number]>([
  ["0 for what is accepted or was brought back", [clean, accepted, restored], 0],
  ["0 for nothing", [clean], 0],
  ["0 where only what is beside the point could not be seen", [clean, partly], 0],
  ["7 for drift", [clean, changed, partly], 7],
  ["1 where a guest could not be looked into, whatever else there is", [changed, blind], 1],
])("the process ends with %s", (_, looks, code) => {
  expect(exitCodeOf(looks)).toBe(code);
});

describe("for people", () => {
  test("no drift is one sentence", () => {
    expect(renderDrift("home", [clean], 120)).toBe("No drift: all that could be looked at is as home has left it.\n");
  });

  test("drift is a table, with where the inventory speaks of it, who has probably done it, and what to do", () => {
    const text = renderDrift("home", [changed, stranger, blind, partly], 120);
    expect(text).toMatch(/│ container grafana: memory.dedicated +│ pve-01, VMID 101 +│ 1024 +│ 3072 +│/);
    expect(text).toContain("  containers.grafana.memory in config/homelab/containers.yaml\n");
    expect(text).toContain("  probably alice@pve, since 2026-01-01T00:00:00Z (vzstop)\n");
    expect(text).toContain("? steps in web: not checked, for no & SSH\n");
    expect(text).toContain("? users: not checked, for may not\n");
    expect(text).toContain("  npm run drift -- --fix --stack home\n");
    expect(text).toContain("1 thing on the server that nobody knows of");
    expect(text).toContain("One thing could not be looked at");
  });

  test("what is accepted is told apart, and is no drift", () => {
    expect(renderDrift("home", [accepted], 120)).toBe(`Accepted, as the inventory says:
  container grafana: memory.dedicated (pve-01, VMID 101): was 1024, is 3072

No drift but what is accepted: all else that could be looked at is as home has left it.
`);
  });

  test("what comes back without asking is told before, and afterwards that it did", () => {
    const before = renderDrift("home", [changed, { ...changed, policy: "restore" }], 120);
    expect(before).toContain(
      "What of it has onDrift: restore comes back without asking (1), and all else stays:\n  npm run drift -- --restore --stack home\n",
    );
    expect(renderDrift("home", [restored], 120)).toBe(`Brought back, as the inventory says (onDrift: restore):
  container grafana: memory.dedicated (pve-01, VMID 101): was 1024, is 3072

No drift: all that could be looked at is as home has left it.
`);
  });

  test("what was not brought back is told with the reason, and promised no more", () => {
    const text = renderDrift("home", [refused], 120);
    expect(text).toContain("  not brought back: It would be lost.\n");
    expect(text).not.toContain("--restore");
  });

  test("no terminal obeys what a server tells", () => {
    // eslint-disable-next-line no-control-regex -- what is looked for
    expect(renderDrift("home", [stranger], 120)).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  test("no line is wider than the terminal", () => {
    const long = { ...changed, drifts: changed.drifts.map((one) => ({ ...one, is: "x".repeat(300) })) };
    const table = renderDrift("home", [long], 100)
      .split("\n")
      .filter((line) => line.startsWith("│"));
    expect(Math.max(...table.map(({ length }) => length))).toBeLessThanOrEqual(100);
  });
});

describe("for programs that read JUnit's XML", () => {
  const xml = renderJunit("home", [clean, changed, stranger, blind, partly]);
  const parsed = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: "" }).parse(xml) as {
    testsuites: Record<string, unknown>;
  };

  test("what is accepted or was brought back has passed, with a note", () => {
    const text = renderJunit("home", [accepted, restored]);
    expect(text).toContain('tests="2" failures="0" errors="0" skipped="0"');
    expect(text).toContain(
      "<system-out>accepted: container grafana: memory.dedicated (pve-01, VMID 101): was 1024, is 3072</system-out>",
    );
    expect(text).toContain("<system-out>brought back: container grafana: memory.dedicated");
    expect(text).not.toContain("<failure");
  });

  test("whatever is in it, it can be read", () => {
    expect(JSON.stringify(parsed)).toContain("[31m<toy>");
  });

  test("each area is a suite, each thing a case: failures are drift, errors what had to be seen, and the rest is skipped", () => {
    expect(parsed.testsuites).toMatchObject({ tests: "5", failures: "2", errors: "1", skipped: "1" });
    const suites = parsed.testsuites["testsuite"] as { name: string; tests: string }[];
    expect(suites.map(({ name, tests }) => [name, tests])).toEqual([
      ["resources", "1"],
      ["guests and nodes", "1"],
      ["pools", "1"],
      ["unmanaged", "2"],
    ]);
  });
});
