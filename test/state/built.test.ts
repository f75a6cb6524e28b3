import { expect, test } from "vitest";
import { readBuilt } from "../../src/state/built.ts";

const prefix = "urn:pulumi:demo::homelab::homelab:index:Homelab";
const containerUrn = `${prefix}$homelab:guest:Container$proxmoxve:index/containerLegacy:ContainerLegacy::paperless`;
const machineUrn = `${prefix}$homelab:guest:VirtualMachine$proxmoxve:index/vmLegacy:VmLegacy::gitlab`;

const container = {
  vmId: 20040,
  nodeName: "pve-01",
  unprivileged: true,
  initialization: { hostname: "paperless" },
  operatingSystem: { templateFileId: "local:vztmpl/debian.tar.zst", type: "debian" },
  disk: { datastoreId: "local-zfs", size: 8 },
  mountPoints: [{ path: "/srv", volume: "fast:subvol-20040-disk-1", size: "1T", backup: true }],
};

test("a container with its volumes, each with its storage and its size in GiB", () => {
  expect(readBuilt([{ urn: containerUrn, outputs: container }]).guests).toEqual([
    {
      ...{
        urn: containerUrn,
        kind: "container",
        name: "paperless",
        vmid: 20040,
        node: "pve-01",
        hostname: "paperless",
      },
      ...{ madeFrom: "local:vztmpl/debian.tar.zst", disposable: false, unprivileged: true },
      rootDisk: { storage: "local-zfs", sizeGib: 8 },
      mountPoints: [{ path: "/srv", storage: "fast", sizeGib: 1024, backup: true }],
      settings: expect.objectContaining({ distribution: "debian" }) as object,
    },
  ]);
});

test("a machine with its disks by slot", () => {
  const disks = [
    { interface: "scsi0", datastoreId: "fast", size: 40, importFrom: "homelab:import/debian.qcow2" },
    { interface: "scsi1", datastoreId: "local-zfs", size: 200, importFrom: "" },
  ];
  const outputs = { vmId: "20030", nodeName: "pve-01", name: "git", disks };
  expect(readBuilt([{ urn: machineUrn, outputs }]).guests).toEqual([
    {
      urn: machineUrn,
      ...{ kind: "machine", name: "gitlab", vmid: 20030, node: "pve-01", hostname: "git" },
      ...{ madeFrom: "homelab:import/debian.qcow2", disposable: false },
      disks: [
        { slot: "scsi0", storage: "fast", sizeGib: 40 },
        { slot: "scsi1", storage: "local-zfs", sizeGib: 200 },
      ],
      settings: expect.objectContaining({ address: undefined, dns: [] }) as object,
    },
  ]);
});

test("what the last run's inventory called disposable", () => {
  const component = { urn: `${prefix}$homelab:guest:Container::paperless`, outputs: { disposable: true } };
  const { guests } = readBuilt([{ urn: containerUrn, outputs: container }, component]);
  expect(guests).toMatchObject([{ name: "paperless", disposable: true }]);
});

test("what a run that was cut off does not know is undefined, and other resources are no guests", () => {
  const bare = { vmId: 20040, nodeName: "pve-01", disk: null, mountPoints: null, unprivileged: null };
  expect(readBuilt([{ urn: containerUrn, outputs: bare }]).guests).toMatchObject([
    { vmid: 20040, rootDisk: undefined, mountPoints: undefined, unprivileged: undefined, madeFrom: undefined },
  ]);
  expect(readBuilt([{ urn: containerUrn, outputs: {} }]).guests).toEqual([]);
  expect(readBuilt([{ urn: `${prefix}$proxmoxve:storage/nfs:Nfs::nas`, outputs: container }]).guests).toEqual([]);
});
