import { expect, test } from "vitest";
import { parseFailedRun } from "../../src/failures/failed-run.ts";
import { namePlace } from "../../src/failures/place-of.ts";
import { renderFailures } from "../../src/failures/render-failures.ts";

const prefix = "urn:pulumi:demo::homelab::homelab:index:Homelab$homelab:guest:Container$";
const urn = `${prefix}proxmoxve:index/containerLegacy:ContainerLegacy::grafana`;
const upid = "UPID:pve-01:0000040F:6B0B41E6:6B0B41E6:vzcreate:20010:root@pam!simulator:";
const step = { op: "create", urn, new: { inputs: { vmId: 20010, nodeName: "pve-01" } } };
const error = (message: string) => ({ diagnosticEvent: { urn, message, severity: "error" } });
const log = (...events: readonly object[]) =>
  events.map((event, index) => JSON.stringify({ timestamp: index, ...event })).join("\n");

test("what failed is told with the shorter of the provider's two messages", () => {
  const [failure, ...others] = parseFailedRun(
    log(
      { resourcePreEvent: { metadata: step } },
      error(`sdk-v2/provider2.go:571: sdk.helper_schema: ${upid} failed: provider=proxmoxve@8.6.0`),
      error(`1 error occurred:\n\t* creating ${urn}: 1 error occurred:\n\t* ${upid} failed\n\n`),
      { resOpFailedEvent: { metadata: step } },
    ),
  );
  expect(others).toEqual([]);
  expect(failure).toMatchObject({ name: "grafana", word: "container", operation: "create", message: `${upid} failed` });
});

test("what was wanted is told, also where the engine knows what was made of it instead", () => {
  const partial = { ...step, new: { inputs: { vmId: null } } };
  const text = log({ resourcePreEvent: { metadata: step } }, { resOpFailedEvent: { metadata: partial } });
  expect(parseFailedRun(text).map(({ inputs }) => inputs)).toEqual([step.new.inputs]);
});

test("an image is told with its file", () => {
  const inputs = { nodeName: "pve-01", datastoreId: "homelab", contentType: "import", fileName: "talos.qcow2" };
  const image = {
    type: "proxmoxve:download/file:File",
    word: "image",
    name: "talos-pve-01",
    inputs,
    within: undefined,
  };
  expect(namePlace(image)).toBe("image talos-pve-01 (homelab:import/talos.qcow2) on pve-01");
});

test("what the run did not see the end of is told, too; a line that was cut off is not", () => {
  const text = `${log({ resourcePreEvent: { metadata: step } })}\n{"timestamp":2,"resOutputsEvent":{"meta`;
  expect(parseFailedRun(text).map(({ name, message }) => [name, message])).toEqual([
    ["grafana", "The run ended while this went on: Proxmox VE had not answered."],
  ]);
});

test("a step is told with the guest or the node that it is applied in", () => {
  const scope = "urn:pulumi:demo::homelab::homelab:index:Homelab$homelab:services:Provisioning";
  const stepIn = (name: string, place: string) => {
    const metadata = { op: "create", urn: `${scope}$command:remote:Command::${name}`, old: null };
    const given = { ...metadata, new: { inputs: { create: "[secret]" }, parent: `${scope}::${place}` } };
    return { resOpFailedEvent: { metadata: given } };
  };
  const failures = parseFailedRun(
    log(
      { resourcePreEvent: { metadata: { ...step, op: "same" } } },
      stepIn("grafana-settings", "grafana"),
      stepIn("arc", "pve-02"),
    ),
  );
  expect(failures.map(namePlace)).toEqual([
    "step grafana-settings in grafana (VMID 20010) on pve-01",
    "step arc on pve-02",
  ]);
});

test("guest, VMID, node, the task's own lines, what is left and the next step are told", () => {
  const failures = parseFailedRun(
    log(error(`task ${upid} failed: out of space`), { resOpFailedEvent: { metadata: step } }),
  );
  const task = {
    upid,
    node: "pve-01",
    type: "vzcreate",
    about: "20010",
    ended: "out of space",
    log: ["TASK ERROR: full"],
  };
  const text = renderFailures({
    stack: "demo",
    failures,
    halfMade: [
      {
        urn,
        text: "It is on the server (stopped), but the state does not know of it.",
        ...{ orphaned: true, gone: false, remedies: [] },
      },
    ],
    tasks: { tasks: [task], unread: [] },
    unread: undefined,
    doubtful: [],
    pending: [],
    again: "npm run pulumi -- up --stack demo",
  });
  expect(text).toBe(`What could not be done, and what is there of it

1. container grafana (VMID 20010) on pve-01: create failed.
   task ${upid} failed: out of space
   Task vzcreate on pve-01 failed: out of space
     ${upid}
     | TASK ERROR: full
   On the server: It is on the server (stopped), but the state does not know of it.
   What to do: Make room on pve-01, or choose another storage in the inventory: npm run doctor shows what is free.

Then, in this order:
Take into the state what is there and not in it:
  npm run adopt -- --stack demo
Go on where this run stopped; what was done until then is in the state:
  npm run pulumi -- up --stack demo`);
});
