import { expect, test } from "vitest";
import { readManaged } from "../../src/doctor/managed.ts";

test("what a state has made is known by its inputs", () => {
  const resource = (type: string, inputs?: object) => ({ urn: `urn:pulumi:demo::homelab::${type}::x`, type, inputs });
  const managed = readManaged({
    version: 3,
    deployment: {
      manifest: {},
      resources: [
        resource("pulumi:pulumi:Stack"),
        resource("homelab:guest:Container", {}),
        resource("proxmoxve:index/containerLegacy:ContainerLegacy", { vmId: 20010, nodeName: "pve-01" }),
        resource("proxmoxve:index/vmLegacy:VmLegacy", { vmId: 30010, nodeName: "pve-02" }),
        resource("proxmoxve:storage/nfs:Nfs", { resourceId: "nas" }),
        resource("proxmoxve:node/disk/zfs:Zfs", { nodeName: "pve-01", name: "fast" }),
        resource("proxmoxve:network/linux/bridge:Bridge", { nodeName: "pve-02", name: "vmbr1" }),
      ],
    },
  });
  expect(managed).toEqual({
    vmids: new Set([20_010, 30_010]),
    storages: new Set(["nas"]),
    pools: new Set(["pve-01/fast"]),
    bridges: new Set(["pve-02/vmbr1"]),
  });
});

test("an empty stack has made nothing", () => {
  const nothing = { vmids: new Set(), storages: new Set(), pools: new Set(), bridges: new Set() };
  expect(readManaged({ version: 3, deployment: { manifest: {} } })).toEqual(nothing);
});
