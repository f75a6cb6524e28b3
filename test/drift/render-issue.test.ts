import { describe, expect, test } from "vitest";
import { failedLook, type Look } from "../../src/drift/drift.ts";
import { renderIssue } from "../../src/drift/render-issue.ts";
import { changed } from "./grafana-drift.ts";

const stranger: Look = {
  area: "unmanaged",
  subject: "guests",
  drifts: [{ kind: "unmanaged", what: "machine <b>|toy\n@all", where: "pve-02, VMID 9", was: null, is: "there" }],
};
const blind: Look = { ...failedLook("nobody answers"), subject: "container web" };

test("without drift it is closed, with the run that has seen that", () => {
  expect(renderIssue("home", [{ ...changed, drifts: [] }], "https://git.example/1")).toEqual({
    kind: "closed",
    marker: "<!-- homelab drift of home -->",
    comment:
      "No drift any more: all that could be looked at is as home has left it. Seen by [this run](https://git.example/1).",
  });
});

test("what is accepted opens none", () => {
  expect(renderIssue("home", [{ ...changed, policy: "accept" }], undefined)).toMatchObject({ kind: "closed" });
});

test("what was not brought back has the reason in it", () => {
  const drifts = changed.drifts.map((drift) => ({ ...drift, refusal: "It | would be lost." }));
  expect(renderIssue("home", [{ ...changed, drifts, policy: "restore" }], undefined)).toMatchObject({
    body: expect.stringContaining(String.raw`<br>not brought back: It \| would be lost. |`) as string,
  });
});

test("where nobody could look, nobody knows", () => {
  expect(renderIssue("home", [failedLook("no route to host")], undefined)).toEqual({ kind: "unknown" });
  expect(renderIssue("home", [{ ...changed, drifts: [] }, blind], undefined)).toEqual({ kind: "unknown" });
});

describe("drift", () => {
  const issue = renderIssue("home", [changed, stranger, blind], undefined);
  const body = issue.kind === "open" ? issue.body : "";

  test("is told with what is known of it, and what could not be seen", () => {
    expect(issue).toMatchObject({ title: "Drift of home: 2 things have drifted" });
    expect(body).toMatch(/^<!-- homelab drift of home -->\n/);
    expect(body).toContain(
      "| container grafana: memory.dedicated | pve-01, VMID 101 | 1024 | 3072 | containers.grafana.memory in config/homelab/containers.yaml<br>probably alice@\u200bpve",
    );
    expect(body).toContain("- container web, for nobody answers");
    expect(body).toContain("npm run drift -- --fix --stack home");
    expect(body).toContain("npm run adopt -- --stack home");
  });

  test("is no markup, and calls nobody", () => {
    expect(body).toContain(String.raw`| machine &lt;b&gt;\|toy @` + "\u200ball | pve-02, VMID 9 | – | there |");
  });

  test("has room in an issue, however much there is", () => {
    const many = {
      ...changed,
      drifts: Array.from({ length: 5000 }, () => changed.drifts[0]).flatMap((one) => one ?? []),
    };
    const big = renderIssue("home", [many, stranger], undefined);
    expect(big.kind === "open" ? big.body.length : 0).toBeLessThan(65_000);
    expect(big.kind === "open" ? big.body : "").toMatch(/\d{4} more have no room here\./);
  });
});
