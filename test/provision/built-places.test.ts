import { expect, test } from "vitest";
import type { PlacedStepsPlan } from "../../src/plan/steps.ts";
import { placesAsBuilt, replacedGuests } from "../../src/provision/built-places.ts";
import { readSettings } from "../../src/state/built-settings.ts";
import type { BuiltGuest } from "../../src/state/built.ts";

const own = (name: string, place: PlacedStepsPlan["place"]): PlacedStepsPlan => ({
  ...{ name, place, steps: [], onDrift: "report" },
});
const built = (name: string, vmid: number, node = "pve-01"): BuiltGuest => ({
  ...{ urn: name, settings: readSettings({}) },
  ...{ kind: "container", name, vmid, node, hostname: name, madeFrom: undefined, disposable: true },
  ...{ unprivileged: true, rootDisk: undefined, mountPoints: [] },
});
const container = (vmid: number, node = "pve-01") => ({ kind: "container", node, vmid }) as const;

const guests = [built("kept", 101), built("moved", 102), built("numbered", 103), built("remade", 104)];
const placed = [
  own("kept", container(101)),
  own("moved", container(102, "pve-02")),
  own("numbered", container(203)),
  own("remade", { kind: "machine", node: "pve-01", vmid: 104 }),
  own("new", container(105)),
  // A node is no guest, even of the same name.
  own("pve-01", { kind: "node", node: "pve-01" }),
];

test("steps are looked for where the last run left their guest", () => {
  expect(placesAsBuilt(placed, { guests }).map(({ place }) => place)).toEqual([
    ...[container(101), container(102), container(103), container(104), container(105)],
    { kind: "node", node: "pve-01" },
  ]);
});

test("a guest on another node, with another VMID or of another kind is replaced", () => {
  expect([...replacedGuests(placed, { guests })]).toEqual(["moved", "numbered", "remade"]);
});
