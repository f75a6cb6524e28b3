import { describe, expect, test } from "vitest";
import { countOf, exitCodeOf, fine, listOf, problem, renderBytes, unread, warning } from "../../src/doctor/finding.ts";
import { renderFindings } from "../../src/doctor/render.ts";

const findings = [
  fine("endpoint", "It answers."),
  warning("version", "It will do.", "Upgrade."),
  problem("token", "The stack has none.", "Let bootstrap make one:\n  npm run bootstrap"),
];

test("findings are a table, with what to do about them below", () => {
  expect(renderFindings(findings, 100)).toBe(`┌───┬──────────┬────────────────────────────────┐
│   │ What     │ Finding                        │
├───┼──────────┼────────────────────────────────┤
│ ✓ │ endpoint │ It answers.                    │
│ ! │ version  │ It will do.                    │
│ ✗ │ token    │ The stack has none.            │
└───┴──────────┴────────────────────────────────┘

! version
  It will do.
  Upgrade.

✗ token
  The stack has none.
  Let bootstrap make one:
    npm run bootstrap

1 thing to do before npm run pulumi -- up can work.
`);
});

test("a narrow terminal breaks long findings, and no line is wider than it", () => {
  const long = fine("endpoint", "It answers ".repeat(20));
  const [table = ""] = renderFindings([long], 60).split("\n\n");
  expect(Math.max(...table.split("\n").map((line) => line.length))).toBeLessThanOrEqual(60);
  expect(table.split("\n").length).toBeGreaterThan(7);
});

test("what is fine needs no more words", () => {
  expect(renderFindings(findings.slice(0, 1), 100)).toMatch(/\n\nNothing stands in the way\.\n$/);
  expect(renderFindings(findings.slice(0, 2), 100)).toMatch(/\n\nNothing stands in the way; 1 thing to know\.\n$/);
});

test("a problem changes the exit code, and so does what nobody knows", () => {
  const failed = unread("cluster", { status: 595, message: "No route to host" });
  const hidden = unread("VMIDs", { status: 403, message: "the token does not see guests" });
  expect(exitCodeOf([])).toBe(0);
  expect(exitCodeOf([...findings.slice(0, 2), hidden])).toBe(0);
  expect(exitCodeOf([...findings, failed])).toBe(1);
  expect(exitCodeOf([...findings.slice(0, 2), failed])).toBe(2);
  expect(renderFindings([...findings.slice(0, 2), failed], 100)).toMatch(
    /\n\n1 thing could not be checked; nothing that was stands in the way\.\n$/,
  );
});

test("what could not be read says why", () => {
  expect(unread("cluster", { status: 595, message: "No route to host" })).toEqual({
    status: "warning",
    subject: "cluster",
    text: "Not checked: No route to host.",
    remedy: "Run this again; if it stays, look at the node's log: journalctl -u pvedaemon -u pveproxy.",
    unchecked: true,
  });
});

describe("words", () => {
  test.for<[string[], string]>([
    [[], ""],
    [["a"], "a"],
    [["a", "b"], "a and b"],
    [["a", "b", "c"], "a, b and c"],
  ])("%o", ([names, text]) => {
    expect(listOf(names)).toBe(text);
  });
  test.for<[number, string]>([
    [0, "0 B"],
    [512, "512 B"],
    [1536, "1.5 KiB"],
    [2 ** 30, "1 GiB"],
    [2 ** 50, "1024 TiB"],
  ])("%i bytes are %s", ([bytes, text]) => {
    expect(renderBytes(bytes)).toBe(text);
  });
  test("one is one, two are two", () => {
    expect([countOf(1, "guest"), countOf(2, "guest")]).toEqual(["1 guest", "2 guests"]);
  });
});
