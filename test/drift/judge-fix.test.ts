import { describe, expect, test } from "vitest";
import { Deployment } from "../../src/adopt/engine-files.ts";
import { forgetMissing } from "../../src/drift/forget-missing.ts";
import { dependentsOf } from "../../src/drift/dependents.ts";
import { fixableOf, restorableOf, type LookAt } from "../../src/drift/fixable.ts";
import { findObstacles } from "../../src/drift/judge-fix.ts";
import type { Change } from "../../src/report/changes.ts";

const grafana = "urn:pulumi:home::homelab::proxmoxve:index/containerLegacy:ContainerLegacy::grafana";
const job = "urn:pulumi:home::homelab::proxmoxve:backup/job:Job::daily";
const options = "urn:pulumi:home::homelab::proxmoxve:index/firewallOptions:FirewallOptions::grafana";
const step = "urn:pulumi:home::homelab::command:remote:Command::grafana-files";
const prometheus = "urn:pulumi:home::homelab::proxmoxve:index/containerLegacy:ContainerLegacy::prometheus";

const state = Deployment.parse({
  deployment: {
    resources: [
      { urn: job },
      { urn: prometheus, dependencies: [job], propertyDependencies: { pool: [job], name: [] }, deletedWith: job },
      { urn: grafana },
      { urn: options, dependencies: [grafana] },
      { urn: step, dependencies: [options] },
    ],
  },
});

function look(about: Pick<LookAt, "area" | "subject"> & { urn?: string }, kind: "changed" | "missing"): LookAt {
  const drift = { kind, what: about.subject, where: "pve-01", was: 1, is: 2 };
  return { ...about, drifts: [drift] };
}

const missingJob = look({ area: "resources", subject: "backup job daily", urn: job }, "missing");
const changedStep = look({ area: "guests and nodes", subject: "step grafana-files in grafana" }, "changed");
const degraded = look({ area: "pools", subject: "pool fast" }, "changed");

function change(word: string, operation: Change["operation"], urn: string): Change {
  return { urn, type: "", word, name: "it", operation, properties: [] };
}

test("only what the program makes can be brought back", () => {
  expect(fixableOf([missingJob, degraded, changedStep, { ...changedStep, drifts: [] }])).toEqual([
    missingJob,
    changedStep,
  ]);
});

test("what is accepted is left, and only what is to be restored comes back without asking", () => {
  const [accepted, restored] = [
    { ...missingJob, policy: "accept" as const },
    { ...changedStep, policy: "restore" as const },
  ];
  expect(fixableOf([accepted, restored, missingJob])).toEqual([restored, missingJob]);
  expect(restorableOf([accepted, restored, missingJob])).toEqual([restored]);
});

test("what depends on something is found, but for what is left alone", () => {
  expect([...dependentsOf(new Set([job]), state)]).toEqual([prometheus]);
  expect([...dependentsOf(new Set([grafana]), state)]).toEqual([options, step]);
  expect([...dependentsOf(new Set([grafana]), state, new Set([options]))]).toEqual([]);
  expect([...dependentsOf(new Set([step]), state)]).toEqual([]);
});

describe("a fix", () => {
  const leave = { explained: new Set([grafana, job, step]), pending: new Set([job]) };

  test.each([
    ["would make a guest anew", change("container", "create", grafana), /would be made anew, empty/],
    ["would lose a pool", change("pool", "replace", grafana), /would be replaced: what is in it is lost/],
    ["would delete anything", change("backup job", "delete", grafana), /would be deleted/],
    ["would change what has not drifted", change("container", "update", prometheus), /has not drifted/],
    [
      "would do what else the inventory says by now",
      change("backup job", "update", job),
      /has drifted, and more of it would be updated: the inventory says something else/,
    ],
  ])("that %s meets an obstacle", (_, one, message) => {
    expect(findObstacles([one], leave)).toEqual([{ urn: one.urn, text: expect.stringMatching(message) as string }]);
  });

  test.each([
    ["changes what has drifted", change("container", "update", grafana)],
    ["makes anew what holds no data", change("storage", "create", grafana)],
    ["applies a step again", change("step", "replace", grafana)],
    ["gathers it in a component", change("component", "update", prometheus)],
  ])("that %s meets none", (_, one) => {
    expect(findObstacles([one], leave)).toEqual([]);
  });
});

test("a step that is missing in its guest stays: the program counts from where the state is", () => {
  const missingStep = look({ area: "guests and nodes", subject: "step grafana-files in grafana" }, "missing");
  const urns = (looks: readonly LookAt[]) => forgetMissing(state, looks).deployment.resources.map(({ urn }) => urn);
  expect(urns([missingStep, changedStep])).toEqual([job, prometheus, grafana, options, step]);
});

test("a snippet with another text is forgotten, for no refresh would see it", () => {
  const snippet = "urn:pulumi:home::homelab::proxmoxve:index/fileLegacy:FileLegacy::gitlab-user-data";
  const { resources } = state.deployment;
  const urns = (what: string) => {
    const looks = [look({ area: "resources", subject: what, urn: snippet }, "changed")];
    const more = Deployment.parse({ deployment: { resources: [...resources, { urn: snippet }] } });
    return forgetMissing(more, looks).deployment.resources.map(({ urn }) => urn);
  };
  expect(urns("snippet gitlab-user-data: sourceRaw.data")).not.toContain(snippet);
  expect(urns("snippet gitlab-user-data: contentType")).toContain(snippet);
});

test("what is missing is forgotten, and nothing refers to it any more", () => {
  const { resources } = forgetMissing(state, [missingJob, changedStep]).deployment;
  expect(resources.map(({ urn }) => urn)).toEqual([prometheus, grafana, options, step]);
  expect(resources[0]).toEqual({
    urn: prometheus,
    dependencies: [],
    propertyDependencies: { pool: [], name: [] },
    inputs: {},
    outputs: {},
  });
  expect(resources[3]).toEqual(state.deployment.resources[4]);
});
