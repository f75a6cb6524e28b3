import { describe, expect, test } from "vitest";
import { Deployment } from "../../src/adopt/engine-files.ts";
import { dropMountPoint } from "../../src/state/drop-mount-point.ts";
import { dropLostDisks } from "../../src/state/drop-lost-disks.ts";
import { moveInState } from "../../src/state/move-in-state.ts";
import { urnsOfGuests } from "../../src/state/urns-of-guest.ts";
import type { BuiltGuest } from "../../src/state/built.ts";

const urnOf = (type: string, name: string) => `urn:pulumi:demo::homelab::homelab:index:Homelab$${type}::${name}`;
const component = urnOf("homelab:guest:VirtualMachine", "git");
const machine = urnOf("homelab:guest:VirtualMachine$proxmoxve:index/vmLegacy:VmLegacy", "git");
const firewall = urnOf("homelab:network:GuestFirewall", "git");
const rules = urnOf("homelab:network:GuestFirewall$proxmoxve:firewall/rulesLegacy:RulesLegacy", "git-firewall");
const snippet = urnOf("homelab:guest:VirtualMachine$proxmoxve:index/fileLegacy:FileLegacy", "git-user-data");
const other = urnOf("homelab:guest:VirtualMachine$proxmoxve:index/vmLegacy:VmLegacy", "other");
const place = (vmId: number) => ({ nodeName: "pve-01", vmId });
const disks = [{ interface: "scsi0" }, { interface: null }, {}];

const state = Deployment.parse({
  version: 3,
  deployment: {
    secrets_providers: { type: "passphrase" },
    resources: [
      { urn: component, parent: "the homelab" },
      {
        urn: machine,
        parent: component,
        inputs: { ...place(20030), disks },
        outputs: { ...place(20030), disks, __pulumi_raw_state_delta: {} },
      },
      { urn: snippet, parent: component, inputs: { nodeName: "pve-01" }, outputs: { nodeName: "pve-01" } },
      { urn: firewall, parent: "the homelab" },
      { urn: rules, parent: firewall, inputs: place(20030), outputs: place(20030) },
      { urn: other, inputs: place(20031), outputs: { ...place(20031), disks: [{ interface: "scsi0" }] } },
    ],
  },
});
const guest = { urn: machine, vmid: 20030 };

test("a guest moves with its firewall, and nothing else: snippets are files of a node", () => {
  const moved = moveInState(state, guest, "pve-02").deployment.resources.filter(
    ({ inputs, outputs }) => inputs["nodeName"] === "pve-02" && outputs["nodeName"] === "pve-02",
  );
  expect(moved.map(({ urn }) => urn)).toEqual([machine, rules]);
  expect(moveInState(state, guest, "pve-01")).toEqual(state);
});

describe("disks without a slot", () => {
  test("are taken out, with the note about the provider's own form", () => {
    const { urns, state: mended } = dropLostDisks(state);
    expect(urns).toEqual([machine]);
    const found = mended.deployment.resources.find(({ urn }) => urn === machine);
    expect(found).toMatchObject({ inputs: { disks: [{ interface: "scsi0" }] } });
    expect(found?.outputs).toEqual({ ...place(20030), disks: [{ interface: "scsi0" }] });
  });

  test("are found once only", () => {
    expect(dropLostDisks(dropLostDisks(state).state).urns).toEqual([]);
  });
});

test("all of a guest is found: its components and what is in them", () => {
  const guests = [guest as BuiltGuest];
  expect(urnsOfGuests(state, guests)).toEqual([component, machine, snippet, firewall, rules]);
});

test("a volume that was detached goes from inputs and outputs of its container only", () => {
  const mountPoints = [{ path: "/srv" }, { path: "/data" }];
  const container = {
    urn: "container",
    inputs: { mountPoints },
    outputs: { mountPoints, __pulumi_raw_state_delta: {} },
  };
  const before = Deployment.parse({ deployment: { resources: [container, { ...container, urn: "other" }] } });
  const [own, other] = dropMountPoint(before, "container", "/srv").deployment.resources;
  const left = { mountPoints: [{ path: "/data" }] };
  expect([own?.inputs, own?.outputs]).toEqual([left, left]);
  expect(other).toEqual(before.deployment.resources[1]);
});
