import { expect, test } from "vitest";
import { checkBridges } from "../../src/edits/check-bridges.ts";
import { planHomelab } from "../../src/plan/plan.ts";
import { shipped } from "./edited-homelab.ts";

const [pve01] = planHomelab(shipped).nodes;
const installer = pve01?.bridges ?? [];
const created = installer.map((bridge) => ({ ...bridge, origin: "create" as const }));
const management = { iface: "vmbr0", cidr: "10.10.0.11/24", address: "10.10.0.11", gateway: "10.10.0.1" };

test("a bridge of the installer may carry the node's address", () => {
  expect(checkBridges(installer, new Map([["pve-01", [management]]]))).toEqual([]);
});

test("one of ours may not: its address and gateway would go", () => {
  expect(checkBridges(created, new Map([["pve-01", [management]]]))).toEqual([
    {
      path: ["nodes", "pve-01", "bridges", "vmbr0", "origin"],
      problem:
        "The bridge vmbr0 of pve-01 has the address 10.10.0.11/24 and the gateway 10.10.0.1. With origin: create the program would take that away, and pve-01 could not be reached any more.",
      remedy: "Write origin: installer: the bridge is checked and stays as it is.",
    },
  ]);
});

test.each([
  ["is not there yet", []],
  ["has no address", [{ iface: "vmbr0" }]],
  ["is another one", [{ ...management, iface: "vmbr1" }]],
])("one of ours that %s is let through", (_title, interfaces) => {
  expect(checkBridges(created, new Map([["pve-01", interfaces]]))).toEqual([]);
});
