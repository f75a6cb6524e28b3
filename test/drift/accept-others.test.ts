import { expect, test } from "vitest";
import { acceptOthers } from "../../src/drift/accept-others.ts";
import { acceptedOf, driftsOf, exitCodeOf, type Look } from "../../src/drift/drift.ts";
import { unmanaged } from "../../src/drift/look-for-unmanaged.ts";

const alice = unmanaged("user alice@pam", "the cluster", "there");
const mallory = unmanaged("user mallory@pve", "the cluster", "there");
const rule = unmanaged("firewall rule 0", "pve-01", "in ACCEPT tcp 22");
const users: Look = { area: "unmanaged", subject: "users and tokens", drifts: [alice, mallory] };
const rules: Look = { area: "unmanaged", subject: "firewall rules of pve-01", drifts: [rule] };

test("what the inventory names is accepted, and the rest is drift as before", () => {
  const looks = acceptOthers([users, rules], [{ what: "user alice@pam" }]);
  expect(driftsOf(looks)).toEqual([mallory, rule]);
  expect(acceptedOf(looks)).toEqual([{ ...alice, inventory: "others[0] in config/homelab/others.yaml" }]);
  expect(exitCodeOf(looks)).toBe(7);
});

test("all of it accepted is no drift", () => {
  const others = [{ what: "user mallory@pve" }, { what: "user alice@pam" }];
  const looks = acceptOthers([users], others);
  expect(exitCodeOf(looks)).toBe(0);
  expect(acceptedOf(looks).map(({ inventory }) => inventory)).toEqual([
    "others[1] in config/homelab/others.yaml",
    "others[0] in config/homelab/others.yaml",
  ]);
});

test.each([
  ["in another place", { what: "firewall rule 0", where: "pve-02" }],
  ["another text", { what: "firewall rule 0", where: "pve-01", is: "in ACCEPT tcp 443" }],
  ["a name that only begins so", { what: "firewall rule 0 1" }],
])("of what is named, %s is not what is there, and both are told", (_, other) => {
  const looks = acceptOthers([rules], [other]);
  expect(driftsOf(looks)).toEqual([rule]);
  expect(acceptedOf(looks)).toMatchObject([{ kind: "missing", what: other.what, is: null }]);
});

test("where it says the place and the text, they count", () => {
  const looks = acceptOthers([rules], [{ what: "firewall rule 0", where: "pve-01", is: "in ACCEPT tcp 22" }]);
  expect(driftsOf(looks)).toEqual([]);
  expect(acceptedOf(looks)).toHaveLength(1);
});

test("what is named and not there is not told of where nobody could look", () => {
  const hidden: Look = { ...users, drifts: [], unchecked: { reason: "no quorum", incomplete: true } };
  expect(acceptOthers([hidden], [{ what: "user alice@pam" }])).toEqual([hidden]);
});
