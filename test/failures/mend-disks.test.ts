import { expect, test } from "vitest";
import type { Deployment } from "../../src/adopt/engine-files.ts";
import type { Failure } from "../../src/failures/failed-run.ts";
import { mendDisks } from "../../src/failures/mend-disks.ts";

const urn = "urn:pulumi:demo::homelab::proxmoxve:index/vmLegacy:VmLegacy::web";
const disks = [
  { interface: "scsi0", size: 20 },
  { interface: "scsi1", size: 60 },
];
const unread = { interface: null, size: null };
const failure = {
  ...{ urn, type: "", word: "machine", name: "web", operation: "create", message: "", isCutOff: false },
  within: undefined,
};

function stateWith(inputs: object, outputs: object): Deployment {
  const others = [{ urn: `${urn}-2`, inputs: { disks: [unread] }, outputs: {} }];
  return { version: 3, deployment: { resources: [...others, { urn, id: "100", inputs, outputs }] } } as Deployment;
}

function mend(state: Deployment, planned: Failure["inputs"] = { disks }) {
  return mendDisks(state, [{ ...failure, inputs: planned }]);
}

test("a disk that the provider could not read is what it was to be, and so are the others", () => {
  const state = stateWith(
    { cores: 2, disks },
    {
      cores: 2,
      disks: [{ ...disks[0], pathInDatastore: "vm-100-disk-0" }, unread],
      __pulumi_raw_state_delta: { obj: {} },
    },
  );
  expect(mend(state)).toEqual({
    state: stateWith({ cores: 2, disks }, { cores: 2, disks }),
    urns: [urn],
  });
  // After a refresh the inputs are as bad.
  expect(mend(stateWith({ disks: [unread] }, { disks: [unread] }))?.urns).toEqual([urn]);
});

test("nothing is changed where all disks are known, or nobody knows what they were to be", () => {
  expect(mend(stateWith({ disks }, { disks }))).toBeUndefined();
  expect(mend(stateWith({ disks: [unread] }, { disks: [unread] }), {})).toBeUndefined();
  expect(mend(stateWith({ disks: [unread] }, { disks: [unread] }), { disks: [unread] })).toBeUndefined();
  expect(mend(stateWith({}, {}))).toBeUndefined();
});
