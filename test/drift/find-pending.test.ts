import { expect, test } from "vitest";
import { Deployment } from "../../src/adopt/engine-files.ts";
import { findPending } from "../../src/drift/find-pending.ts";
import { findChanges } from "../../src/report/changes.ts";

const grafana = "urn:pulumi:home::homelab::proxmoxve:index/containerLegacy:ContainerLegacy::grafana";
const step = "urn:pulumi:home::homelab::command:remote:Command::influxdb-token";
const server = "urn:pulumi:home::homelab::proxmoxve:metrics/server:Server::influxdb";
const component = "urn:pulumi:home::homelab::homelab:guest:Container::grafana";
const state = Deployment.parse({
  deployment: { resources: [{ urn: grafana }, { urn: step }, { urn: server, dependencies: [step] }] },
});

/** The preview of a run that applies the step again, for the reason that is given by what it reads. */
function preview(was: string, is: string, more: Record<string, unknown> = {}) {
  const applied = {
    op: "replace",
    urn: step,
    oldState: { inputs: { stdin: was, triggers: [20_012, "revision 1", "/a 0644"] }, outputs: {} },
    newState: { inputs: { stdin: is, triggers: [20_012, "revision 2", "/a 0600"] }, outputs: {} },
    detailedDiff: { stdin: {}, "triggers[1]": {}, delete: {}, ...more },
  };
  const others = [grafana, server, component].map((urn) => ({ op: "update", urn }));
  return findChanges({ steps: [applied, ...others] });
}

test("what a run would change without any drift is pending, but for a step that is applied again and what follows from it", () => {
  const changes = preview("revision 1\nscript a\n", "revision 2\nscript a\n");
  expect([...findPending(changes, state, new Set([step]))]).toEqual([grafana]);
});

test("a step after one that is applied again is pending by itself", () => {
  const next = "urn:pulumi:home::homelab::command:remote:Command::influxdb-bucket";
  const after = Deployment.parse({ deployment: { resources: [{ urn: step }, { urn: next, dependencies: [step] }] } });
  const change = { op: "replace", urn: next, detailedDiff: { create: {} } };
  const changes = [...preview("revision 1\n", "revision 2\n"), ...findChanges({ steps: [change] })];
  expect([...findPending(changes, after, new Set([step]))]).toContain(next);
});

test.each([
  ["its script says something else", preview("revision 1\nscript a\n", "revision 2\nscript b\n"), [step]],
  ["a file of it does", preview("revision 1\n", "revision 2\n", { "triggers[2]": {} }), [step]],
  ["nobody has changed anything of it", preview("revision 1\n", "revision 2\n"), []],
])("a step is pending, too, where %s", (_, changes, drifted) => {
  expect([...findPending(changes, state, new Set(drifted))].sort()).toEqual([step, grafana, server].sort());
});
