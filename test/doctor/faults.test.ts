import { afterAll, describe, expect } from "vitest";
import type { FaultEffect } from "../../simulator/src/faults.ts";
import { examine } from "../../src/doctor/examine.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import { closeShared, test } from "./doctor-test.ts";

afterAll(closeShared);

/** What reads the cluster; the first address is asked to see the certificate, and SSH has tests of its own. */
const paths = [
  "/version",
  "/access/permissions",
  "/cluster/status",
  "/cluster/resources",
  "/storage",
  "/nodes/pve-01/version",
  "/nodes/pve-01/status",
  "/nodes/pve-01/storage",
  "/nodes/pve-01/disks/list",
  "/nodes/pve-01/disks/zfs",
  "/nodes/pve-01/disks/zfs/rpool",
  "/nodes/pve-01/network/vmbr0",
  "/nodes/pve-01/query-url-metadata",
];

/** Without these, only the words of a remedy differ. */
const forRemedies = "/access/roles/";

const effects: readonly (readonly [string, FaultEffect])[] = [
  ["500", { kind: "status", status: 500, message: "internal error of the test" }],
  ["a lost connection", { kind: "drop" }],
];

/** What is found where nothing fails. */
let untroubled: readonly Finding[];

test("each request of an examination is one that fails below", async ({ simulator, target }) => {
  untroubled = (await examine({ ...target, ssh: { ...target.ssh, nodes: {} } })).findings;
  const asked = new Set(simulator.requests.map(({ path }) => path.replace("/pve-02", "/pve-01")));
  expect([...asked].filter((path) => !path.startsWith(forRemedies)).sort()).toEqual([...paths].sort());
});

describe.each(effects)("%s", (_, effect) => {
  test.for(paths)("at %s is told, and nothing is said of what was not seen", async (path, { simulator, target }) => {
    const end = simulator.faults.add({ path, effect });
    const { reached, findings } = await examine({ ...target, ssh: { ...target.ssh, nodes: {} } });
    end();
    expect(reached).toBe(true);
    const other = findings.filter((finding) => !untroubled.some((known) => isSame(known, finding)));
    expect(other.filter(isUnchecked)).not.toEqual([]);
    expect(other.filter((finding) => !isUnchecked(finding) && !saysLess(finding))).toEqual([]);
  });
});

function isSame(a: Finding, b: Finding): boolean {
  return a.status === b.status && a.subject === b.subject && a.text === b.text;
}

/** What could not be read; a node that does not get a file says so by 500. */
function isUnchecked({ text, subject }: Finding): boolean {
  return text.startsWith("Not checked: ") || (subject.startsWith("image ") && text.includes("internal error"));
}

/** The same, but of fewer nodes, or of images whose size nobody told. */
function saysLess({ status, subject, text }: Finding): boolean {
  return (
    status === "ok" && (subject === "version" || text === "It is there on pve-02." || text.includes("of unknown size"))
  );
}
