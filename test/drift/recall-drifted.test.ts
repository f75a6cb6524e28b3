import { expect, test } from "vitest";
import { Deployment } from "../../src/adopt/engine-files.ts";
import { recallDrifted } from "../../src/drift/recall-drifted.ts";

const urnOf = (name: string, type = "proxmoxve:backup/job:Job") => `urn:pulumi:home::homelab::${type}::${name}`;
const [storage, job, step] = [urnOf("nas"), urnOf("daily"), urnOf("files", "command:remote:Command")];

type Resource = Record<string, unknown>;
const stateOf = (...resources: Resource[]) => Deployment.parse({ deployment: { resources } });
const recall = (now: Resource[], before: Resource[], ...urns: string[]) =>
  recallDrifted(stateOf(...now), stateOf(...before), new Set(urns)).deployment.resources.map(
    ({ urn, inputs, dependencies }) => [urn, inputs["size"], dependencies],
  );

test("what was read and not brought back is as before the run, and all else as after it", () => {
  const before = [
    { urn: storage, id: "a", inputs: { size: 1 } },
    { urn: job, id: "b", inputs: { size: 1 } },
  ];
  const now = [
    { urn: storage, id: "a", inputs: { size: 2 } },
    { urn: job, id: "b", inputs: { size: 2 } },
  ];
  expect(recall(now, before, storage)).toEqual([
    [storage, 1, undefined],
    [job, 2, undefined],
  ]);
});

test("what was forgotten and not made is known again, and refers to nothing that the engine does not know before it", () => {
  const before = [
    { urn: storage, id: "a" },
    { urn: job, id: "b", inputs: { size: 1 }, dependencies: [storage] },
  ];
  const now = [{ urn: job, id: "b", inputs: { size: 2 } }];
  expect(recall(now, before, storage, job)).toEqual([
    [job, 1, []],
    [storage, undefined, undefined],
  ]);
});

test("what was made anew is as it is now, and so is a step that was applied again", () => {
  const before = [
    { urn: storage, id: "a", inputs: { size: 1 } },
    { urn: step, id: "b", inputs: { size: 1 } },
  ];
  const now = [
    { urn: storage, id: "c", inputs: { size: 2 } },
    { urn: step, id: "b", inputs: { size: 2 } },
  ];
  expect(recall(now, before, storage, step)).toEqual([
    [storage, 2, undefined],
    [step, 2, undefined],
  ]);
});
