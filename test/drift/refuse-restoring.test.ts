import { describe, expect, test } from "vitest";
import { Deployment } from "../../src/adopt/engine-files.ts";
import type { LookAt } from "../../src/drift/fixable.ts";
import { refuseFor, refuseIdle, refuseWithout } from "../../src/drift/refuse-restoring.ts";
import { tellRestored } from "../../src/drift/tell-restored.ts";
import type { Change } from "../../src/report/changes.ts";

const urnOf = (type: string, name: string) => `urn:pulumi:home::homelab::${type}::${name}`;
const storage = urnOf("proxmoxve:storage/nfs:Nfs", "nas");
const job = urnOf("proxmoxve:backup/job:Job", "daily");
const web = urnOf("proxmoxve:index/containerLegacy:ContainerLegacy", "web");
const step = urnOf("command:remote:Command", "web-files");

const state = Deployment.parse({
  deployment: {
    resources: [
      { urn: storage },
      { urn: job, dependencies: [storage] },
      { urn: web },
      { urn: step, dependencies: [web] },
    ],
  },
});

function look(subject: string, urn: string | undefined, kind: "changed" | "missing" = "changed"): LookAt {
  const drift = { kind, what: subject, where: "pve-01", was: 1, is: 2 };
  const area = urn === undefined ? "guests and nodes" : "resources";
  return { area, subject, drifts: [drift], policy: "restore", ...(urn === undefined ? {} : { urn }) };
}

const ofStorage = look("storage nas", storage, "missing");
const ofJob = look("backup job daily", job);
const ofWeb = look("container web", web, "missing");
const ofStep = look("step web-files in web", undefined);

describe("what is to be brought back is not", () => {
  test("where it needs what is gone and stays so", () => {
    expect([...refuseWithout([ofStorage, ofJob], [ofJob], state)]).toEqual([
      [ofJob, "It needs the storage nas, which is not there."],
    ]);
  });

  test.each([
    ["meets an obstacle", ofWeb, web],
    ["needs what meets one", ofStep, web],
    ["would change what meets one", ofStorage, job],
  ])("where it %s", (_, one, urn) => {
    const other = one === ofStorage ? ofWeb : ofStorage;
    expect([...refuseFor([{ urn, text: "No." }], [one, other], state)]).toEqual([[one, "No."]]);
  });

  test("where an up would change nothing of it", () => {
    const change: Change = { urn: web, type: "", word: "container", name: "web", operation: "update", properties: [] };
    expect([...refuseIdle([change], [ofWeb, ofStep], state)].map(([one]) => one)).toEqual([ofStep]);
  });
});

test("what needs something that comes back is not refused for it", () => {
  expect([...refuseWithout([ofStorage, ofJob], [ofStorage, ofJob], state)]).toEqual([]);
});

test("where nobody can tell whose obstacle it is, nothing is brought back", () => {
  const chosen = [ofJob, ofStep];
  expect([...refuseFor([{ urn: "another", text: "No." }], chosen, state)]).toEqual(chosen.map((one) => [one, "No."]));
});

test("what was brought back is told where it was looked for, and what was not with the reason", () => {
  const after = [{ ...ofStorage, drifts: [] }, ofJob, { ...ofStep, policy: "report" as const }];
  expect(tellRestored(after, [ofStorage, ofJob], new Map([[ofJob, "No."]]))).toEqual([
    { ...ofStorage, drifts: [], restored: ofStorage.drifts },
    { ...ofJob, drifts: ofJob.drifts.map((drift) => ({ ...drift, refusal: "No." })) },
    { ...ofStep, policy: "report" },
  ]);
});

test("nobody says that something was brought back where nobody could look again", () => {
  const blind = { ...ofStorage, drifts: [], unchecked: { reason: "no route to host", incomplete: true } };
  expect(tellRestored([blind], [ofStorage], new Map())).toEqual([blind]);
});
