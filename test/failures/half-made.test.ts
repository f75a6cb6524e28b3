import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Failure } from "../../src/failures/failed-run.ts";
import { examineHalfMade } from "../../src/failures/half-made.ts";
import { ReadApi } from "../../src/proxmox/read-api.ts";
import { openConnection, type Connection } from "../../src/proxmox/send.ts";

const type = "proxmoxve:index/vmLegacy:VmLegacy";
const urn = `urn:pulumi:demo::homelab::${type}::web`;
let simulator: Simulator;
let connection: Connection;

beforeAll(async () => {
  simulator = await startSimulator();
  await simulator.request("POST", "/nodes/pve-01/qemu", { vmid: "101", name: "web" });
  await simulator.request("POST", "/nodes/pve-01/storage/local-zfs/content", {
    ...{ vmid: "102", size: "1G", filename: "vm-102-disk-0" },
  });
  connection = openConnection(simulator.url, { kind: "authorities", pem: [simulator.ca] });
});

afterAll(async () => {
  connection.agent.destroy();
  await simulator.close();
});

test.each<[string, Partial<Failure>, ReadonlySet<string> | undefined, string, boolean]>([
  [
    "recorded",
    {},
    new Set([urn]),
    "It was made, but not finished: it is on the server (stopped), and in the state.",
    false,
  ],
  [
    "not recorded",
    {},
    new Set(),
    "It was made: it is on the server (stopped), but the state does not know of it.",
    true,
  ],
  [
    "cut off",
    { isCutOff: true },
    new Set(),
    "It was made: it is on the server (stopped), and npm run up takes it into the state.",
    false,
  ],
  [
    "there, where the state is silent",
    {},
    undefined,
    "Now it is on the server (stopped); the state could not be read.",
    false,
  ],
  ["not there", { inputs: { vmId: 103, nodeName: "pve-01" } }, new Set(), "Nothing of it is there.", false],
  [
    "deleted halfway",
    { operation: "delete" },
    new Set([urn]),
    "It is there, unless it was being deleted; a part of the change may have been made.",
    false,
  ],
])("of what is %s that is told", async (_, given, known, text, orphaned) => {
  expect(await examine(given, known)).toEqual([{ urn, text, orphaned, gone: false, remedies: [] }]);
});

test.each(["refresh", "update"])("of what a %s has not found, because it is gone, that is told", async (operation) => {
  const inputs = { vmId: 103, nodeName: "pve-01" };
  expect(await examine({ operation, inputs }, new Set([urn]))).toEqual([
    { urn, text: "It is not there any more.", orphaned: false, gone: true, remedies: [] },
  ]);
});

test("disks without a guest are named, with the commands that remove them", async () => {
  const inputs = { vmId: 102, nodeName: "pve-01", disks: [{ datastoreId: "local-zfs" }] };
  expect(await examine({ inputs }, new Set())).toEqual([
    {
      urn,
      text: "There is no such guest, but of its disks there is: local-zfs:vm-102-disk-0.",
      orphaned: false,
      gone: false,
      remedies: ["pvesm free local-zfs:vm-102-disk-0"],
    },
  ]);
});

test("disks that nobody could look for are not said to be none", async () => {
  const path = "/nodes/pve-01/storage/local-zfs/content";
  const end = simulator.faults.add({ path, effect: { kind: "status", status: 500, message: "timeout" } });
  const inputs = { vmId: 103, nodeName: "pve-01", disks: [{ datastoreId: "local-zfs" }] };
  const [found] = await examine({ inputs }, new Set());
  end();
  expect(found?.text).toBe("There is no such guest. What is left on local-zfs of pve-01 could not be read: timeout.");
});

function examine(given: Partial<Failure>, known: ReadonlySet<string> | undefined) {
  const inputs = { vmId: 101, nodeName: "pve-01" };
  const failure = { urn, type, word: "machine", name: "web", operation: "create", message: "", isCutOff: false };
  return examineHalfMade(
    new ReadApi(connection, simulator.apiToken),
    [{ ...failure, within: undefined, inputs, ...given }],
    known,
  );
}
