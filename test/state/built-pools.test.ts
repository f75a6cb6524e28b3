import { expect, test } from "vitest";
import { readBuiltPools } from "../../src/state/built-pools.ts";

const prefix = "urn:pulumi:demo::homelab::homelab:index:Homelab$homelab:host:ProxmoxHost";
const zfs = {
  urn: `${prefix}$homelab:host:ZfsPool$proxmoxve:node/disk/zfs:Zfs::pve-01-fast`,
  outputs: { nodeName: "pve-01", name: "fast", raidlevel: "single", devices: ["/dev/disk/by-id/old"], ashift: 12 },
};
const fast = { node: "pve-01", pool: "fast", name: "pve-01-fast", ashift: 12 };

test("a pool that the stack created, by the state of a run before hosts had their pools", () => {
  expect(readBuiltPools([zfs])).toEqual([
    { ...fast, layout: { raidLevel: "single", devices: ["/dev/disk/by-id/old"] } },
  ]);
});

test("the disks that the last run took a pool for, and the installer's pools", () => {
  const layout = { raidLevel: "mirror", devices: ["/dev/disk/by-id/new", "/dev/disk/by-id/old"] };
  const rpool = { raidLevel: "single", devices: ["/dev/disk/by-id/system"] };
  const pools = {
    fast: { ...layout, origin: "create" },
    // A run that failed did not come to it.
    later: { ...layout, origin: "create" },
    rpool: { ...rpool, origin: "installer" },
  };
  const host = { urn: `${prefix}::pve-01`, outputs: { model: "MS-01", pools } };
  expect(readBuiltPools([host, zfs])).toEqual([
    { ...fast, layout },
    { node: "pve-01", pool: "rpool", name: undefined, layout: rpool, ashift: undefined },
  ]);
});

test("what a run that was cut off or an import does not know is undefined", () => {
  const bare = { ...zfs, outputs: { nodeName: "pve-01", name: "fast", devices: null } };
  expect(readBuiltPools([bare])).toEqual([{ ...fast, layout: undefined, ashift: undefined }]);
  expect(
    readBuiltPools([
      { ...zfs, outputs: {} },
      { urn: `${prefix}::pve-01`, outputs: {} },
    ]),
  ).toEqual([]);
});
