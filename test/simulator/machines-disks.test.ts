import { describe, expect } from "vitest";
import { addImages, cloud, configOf, machines, volumesOn, web } from "./machine-requests.ts";
import { logOf } from "./container-requests.ts";
import { test } from "./simulator-test.ts";

const gib = 2 ** 30;

describe("drives", () => {
  test("each kind gets the volume that Proxmox makes for it", async ({ simulator, run }) => {
    addImages(simulator);
    const drives = {
      efidisk0: "local-zfs:1,efitype=4m,pre-enrolled-keys=1",
      tpmstate0: "local-zfs:1,version=v2.0",
      ide0: "none,media=cdrom",
      ide2: "local:iso/debian.iso,media=cdrom",
      ide3: "local:cloudinit",
      virtio0: "local:2,format=qcow2",
      sata0: "local-zfs:0.5",
    };
    expect(await run("POST", machines, { ...web, ...drives })).toBe("OK");
    expect(await configOf(simulator)).toMatchObject({
      efidisk0: "local-zfs:vm-100-disk-0,efitype=4m,ms-cert=2023,pre-enrolled-keys=1,size=1M",
      tpmstate0: "local-zfs:vm-100-disk-3,size=4M,version=v2.0",
      ide0: "none,media=cdrom",
      ide2: "local:iso/debian.iso,media=cdrom,size=663M",
      ide3: "local:100/vm-100-cloudinit.qcow2,media=cdrom",
      sata0: "local-zfs:vm-100-disk-1,size=512M",
      scsi0: "local-zfs:vm-100-disk-2,discard=on,iothread=1,size=8G",
      virtio0: "local:100/vm-100-disk-0.qcow2,size=2G",
      boot: "order=scsi0;ide0;net0",
    });
    expect(await logOf(simulator, "qmcreate")).toContain(
      "sata0: successfully created disk 'local-zfs:vm-100-disk-1,size=512M'",
    );
  });

  test("on a storage of files EFI's variables are as large as they are", async ({ simulator, run }) => {
    addImages(simulator);
    await run("POST", machines, { vmid: "100", efidisk0: "local:1,efitype=4m" });
    expect(await configOf(simulator)).toMatchObject({ efidisk0: "local:100/vm-100-disk-0.raw,efitype=4m,size=528K" });
  });

  test("an import has the size of the disk in the image", async ({ simulator, run }) => {
    addImages(simulator);
    expect(await run("POST", machines, cloud)).toBe("OK");
    expect(await configOf(simulator)).toMatchObject({ scsi0: "local-zfs:vm-100-disk-0,size=3G" });
    const copy = { vmid: "101", scsi0: "local-zfs:0,import-from=local-zfs:vm-100-disk-0" };
    expect(await run("POST", machines, copy)).toBe("OK");
    expect(await configOf(simulator, 101)).toMatchObject({ scsi0: "local-zfs:vm-101-disk-0,size=3G" });
  });

  test.for([
    ["a format that a storage lacks", { scsi1: "local-zfs:1,format=qcow2" }, "unsupported format 'qcow2'"],
    [
      "a volume of another format",
      { scsi1: "local-zfs:vm-200-disk-0,format=qcow2" },
      "drive 'scsi1' - volume 'local-zfs:vm-200-disk-0' - 'format=qcow2' option different from storage format 'raw'",
    ],
    [
      "a second cloud-init drive",
      { ide3: "local-zfs:cloudinit" },
      "ide3 - cloud-init drive is already attached at 'ide2'",
    ],
  ] as const)("PUT …/config refuses %s", async ([, change, message], { simulator, run }) => {
    await run("POST", machines, { vmid: "200", scsi0: "local-zfs:1" });
    await run("POST", machines, { ...web, ide2: "local-zfs:cloudinit" });
    await expect(simulator.request("PUT", `${machines}/100/config`, change)).rejects.toMatchObject({ message });
  });

  test("a full storage takes no copy, and one that is not sparse no disk", async ({ simulator, run }) => {
    addImages(simulator);
    simulator.change(({ storages }) => {
      const { "local-zfs": zfs } = storages;
      const config = { content: "images", server: "10.10.0.20", export: "/srv/pve", path: "/mnt/pve/nas" };
      storages["nas"] = { storage: "nas", type: "nfs", config, size: gib, offline: [] };
      if (zfs !== undefined) delete zfs.config["sparse"];
    });
    expect(await run("POST", machines, { ...cloud, scsi0: cloud.scsi0.replace("local-zfs:", "nas:") })).toMatch(
      /^unable to create VM 100 - copy failed: command '\/usr\/bin\/qemu-img convert .*' failed: exit code 1$/,
    );
    expect(await run("POST", machines, { ...web, scsi0: "local-zfs:4000" })).toBe(
      "unable to create VM 100 - zfs error: cannot create 'rpool/data/vm-100-disk-0': out of space",
    );
    expect(await volumesOn(simulator, "local-zfs")).toEqual([]);
  });

  test("a drive that is deleted leaves its volume unused, and boots no more", async ({ simulator, run }) => {
    await run("POST", machines, { ...web, scsi1: "local-zfs:1" });
    await simulator.request("PUT", `${machines}/100/config`, { delete: "scsi0" });
    expect(await configOf(simulator)).toMatchObject({ unused0: "local-zfs:vm-100-disk-0", boot: "order=net0" });
    await simulator.request("PUT", `${machines}/100/config`, { scsi0: "local-zfs:vm-100-disk-0" });
    expect(await configOf(simulator)).not.toHaveProperty("unused0");
    expect(await configOf(simulator)).toMatchObject({ scsi0: "local-zfs:vm-100-disk-0,size=8G" });
  });

  test("a disk in place of another leaves that one unused; a CD that is put in boots, too", async ({
    simulator,
    run,
  }) => {
    addImages(simulator);
    await run("POST", machines, web);
    await simulator.request("PUT", `${machines}/100/config`, { scsi0: "local-zfs:2", cdrom: "local:iso/debian.iso" });
    expect(await configOf(simulator)).toMatchObject({
      scsi0: "local-zfs:vm-100-disk-1,size=2G",
      unused0: "local-zfs:vm-100-disk-0",
      ide2: "local:iso/debian.iso,media=cdrom,size=663M",
      boot: "order=scsi0;net0;ide2",
    });
  });

  test("unused volumes go when they are deleted, unless a snapshot has them", async ({ simulator, run }) => {
    await run("POST", machines, { ...web, scsi1: "local-zfs:1" });
    await simulator.request("PUT", `${machines}/100/unlink`, { idlist: "scsi1" });
    expect(await volumesOn(simulator, "local-zfs")).toContain("local-zfs:vm-100-disk-1");
    await simulator.request("PUT", `${machines}/100/unlink`, { idlist: "unused0" });
    expect(await volumesOn(simulator, "local-zfs")).toEqual(["local-zfs:vm-100-disk-0"]);
    await run("POST", `${machines}/100/snapshot`, { snapname: "before" });
    await simulator.request("PUT", `${machines}/100/unlink`, { idlist: "scsi0" });
    await expect(simulator.request("PUT", `${machines}/100/unlink`, { idlist: "unused0" })).rejects.toMatchObject({
      message: "unable to delete 'local-zfs:vm-100-disk-0' - volume is still in use (snapshot?)",
    });
  });

  test("force removes the volume at once; protection keeps it", async ({ simulator, run }) => {
    await run("POST", machines, { ...web, protection: "1" });
    const unlink = () => simulator.request("PUT", `${machines}/100/unlink`, { idlist: "scsi0", force: "1" });
    await expect(unlink()).rejects.toMatchObject({ message: "can't remove drive 'scsi0' - protection mode enabled" });
    await simulator.request("PUT", `${machines}/100/config`, { protection: "0" });
    await unlink();
    expect(await volumesOn(simulator, "local-zfs")).toEqual([]);
  });
});

describe("PUT …/resize", () => {
  test.for([
    ["scsi0", "+4G", "OK", "12G"],
    ["scsi0", "20G", "OK", "20G"],
    ["scsi0", "4G", "shrinking disks is not supported", "8G"],
    ["scsi1", "4G", "disk 'scsi1' does not exist", "8G"],
    ["ide2", "4G", "you can't resize a cdrom", "8G"],
  ] as const)("%s to %s: %s", async ([disk, size, outcome, after], { simulator, run }) => {
    await run("POST", machines, { ...web, ide2: "local-zfs:cloudinit" });
    expect(await run("PUT", `${machines}/100/resize`, { disk, size })).toBe(outcome);
    expect(await configOf(simulator)).toMatchObject({
      scsi0: `local-zfs:vm-100-disk-0,discard=on,iothread=1,size=${after}`,
    });
    expect(simulator.state.volumes["pve-01/local-zfs"]?.["vm-100-disk-0"]?.size).toBe(Number.parseInt(after) * gib);
  });
});

describe("POST …/move_disk", () => {
  test("copies to another storage, and keeps the original or not", async ({ simulator, run }) => {
    addImages(simulator);
    await run("POST", machines, web);
    const move = (parameters: Record<string, string>) =>
      run("POST", `${machines}/100/move_disk`, { disk: "scsi0", ...parameters });
    expect(await move({ storage: "local", format: "qcow2" })).toBe("OK");
    expect(await configOf(simulator)).toMatchObject({
      scsi0: "local:100/vm-100-disk-0.qcow2,discard=on,iothread=1,size=8G",
      unused0: "local-zfs:vm-100-disk-0",
    });
    expect(await move({ storage: "local-zfs", delete: "1" })).toBe("OK");
    expect(await volumesOn(simulator, "local-zfs")).toEqual(["local-zfs:vm-100-disk-0", "local-zfs:vm-100-disk-1"]);
    await expect(move({ storage: "local-zfs" })).rejects.toMatchObject({
      message: "you can't move to the same storage with same format",
    });
    await expect(move({})).rejects.toMatchObject({
      errors: { storage: "both 'storage' and 'target-vmid' missing, either needs to be set" },
    });
  });

  test("gives a disk to another machine", async ({ simulator, run }) => {
    await run("POST", machines, web);
    await run("POST", machines, { vmid: "101" });
    const move = { disk: "scsi0", "target-vmid": "101", "target-disk": "virtio1" };
    expect(await run("POST", `${machines}/100/move_disk`, move)).toBe("OK");
    expect(await configOf(simulator)).not.toHaveProperty("scsi0");
    expect(await configOf(simulator, 101)).toMatchObject({
      virtio1: "local-zfs:vm-101-disk-0,discard=on,iothread=1,size=8G",
    });
    await expect(simulator.request("POST", `${machines}/100/move_disk`, move)).rejects.toMatchObject({
      message: "Disk 'scsi0' for VM '100' does not exist",
    });
  });
});

describe("templates and clones", () => {
  test("a template's disks are bases, it does not start, and its clones stand on them", async ({ simulator, run }) => {
    await run("POST", machines, { ...web, ide2: "local-zfs:cloudinit" });
    expect(await run("POST", `${machines}/100/template`)).toBe("OK");
    expect(await configOf(simulator)).toMatchObject({
      template: 1,
      scsi0: "local-zfs:base-100-disk-0,discard=on,iothread=1,size=8G",
      ide2: "local-zfs:vm-100-cloudinit,media=cdrom",
    });
    expect(await run("POST", `${machines}/100/status/start`)).toBe("you can't start a vm if it's a template");
    expect(await run("POST", `${machines}/100/clone`, { newid: "101", name: "linked" })).toBe("OK");
    const [template, clone] = [await configOf(simulator), await configOf(simulator, 101)];
    expect(clone).toMatchObject({
      name: "linked",
      scsi0: "local-zfs:base-100-disk-0/vm-101-disk-0,discard=on,iothread=1,size=8G",
      ide2: "local-zfs:vm-101-cloudinit,media=cdrom",
    });
    expect(clone).not.toHaveProperty("template");
    for (const name of ["net0", "smbios1", "vmgenid"]) expect(clone[name]).not.toBe(template[name]);
    expect(await run("DELETE", `${machines}/100`)).toBe(
      "base volume 'local-zfs:base-100-disk-0' is still in use by linked cloned",
    );
    expect(await run("DELETE", `${machines}/101`)).toBe("OK");
    expect(await run("DELETE", `${machines}/100`)).toBe("OK");
    expect(await volumesOn(simulator, "local-zfs")).toEqual([]);
  });

  test("on files a linked clone is a qcow2 image, whatever its base is", async ({ simulator, run }) => {
    addImages(simulator);
    await run("POST", machines, { ...web, scsi0: "local:4" });
    await run("POST", `${machines}/100/template`);
    await run("POST", `${machines}/100/clone`, { newid: "101" });
    expect(await configOf(simulator, 101)).toMatchObject({
      scsi0: "local:100/base-100-disk-0.raw/101/vm-101-disk-0.qcow2,size=4G",
    });
  });

  test("a machine is copied, to another storage and into a pool", async ({ simulator, run }) => {
    addImages(simulator);
    await run("POST", machines, cloud);
    await simulator.request("POST", "/pools", { poolid: "lab" });
    const clone = { newid: "101", storage: "local", format: "qcow2", pool: "lab", description: "a copy" };
    expect(await run("POST", `${machines}/100/clone`, clone)).toBe("OK");
    expect(await configOf(simulator, 101)).toMatchObject({
      name: "Copy-of-VM-web",
      description: "a copy",
      scsi0: "local:101/vm-101-disk-0.qcow2,size=3G",
      ide2: "local:101/vm-101-cloudinit.qcow2,media=cdrom",
    });
    expect(simulator.state.guests[101]?.pool).toBe("lab");
  });

  test.for([
    [{ newid: "100" }, "unable to create VM 100: config file already exists"],
    [{ newid: "101", snapname: "no" }, "snapshot 'no' does not exist"],
    [{ newid: "101", full: "0" }, "Linked clone feature is not supported for 'local-zfs:vm-100-disk-0' (scsi0)"],
    [{ newid: "101", full: "0", storage: "local-zfs" }, "parameter 'storage' not allowed for linked clones"],
    [{ newid: "101", target: "pve-02" }, "can't clone VM to node 'pve-02' (VM uses local storage)"],
  ] as const)("refuses a clone with %j", async ([parameters, message], { simulator, run }) => {
    await run("POST", machines, web);
    await expect(simulator.request("POST", `${machines}/100/clone`, parameters)).rejects.toMatchObject({
      status: 500,
      message,
    });
    expect(Object.keys(simulator.state.guests)).toEqual(["100"]);
  });

  test("refuses to make a template of what runs or has snapshots", async ({ simulator, run }) => {
    await run("POST", machines, { ...web, start: "1" });
    const convert = () => simulator.request("POST", `${machines}/100/template`);
    await expect(convert()).rejects.toMatchObject({ message: "you can't convert a VM to template if VM is running" });
    await run("POST", `${machines}/100/status/stop`);
    await run("POST", `${machines}/100/snapshot`, { snapname: "one" });
    await expect(convert()).rejects.toMatchObject({
      message: "unable to create template, because VM contains snapshots",
    });
  });
});

describe("POST …/migrate", () => {
  test("takes a stopped machine with its disks to another node", async ({ simulator, run }) => {
    await run("POST", machines, web);
    expect(await run("POST", `${machines}/100/migrate`, { target: "pve-02" })).toBe("OK");
    expect(simulator.state.guests[100]?.node).toBe("pve-02");
    expect(await volumesOn(simulator, "local-zfs")).toEqual([]);
    expect(await simulator.request("GET", "/nodes/pve-02/storage/local-zfs/content")).toMatchObject([
      { volid: "local-zfs:vm-100-disk-0", size: 8 * gib },
    ]);
  });

  test("takes a running one only online and with its local disks", async ({ simulator, run }) => {
    await run("POST", machines, { ...web, start: "1" });
    const migrate = (parameters: Record<string, string>) =>
      run("POST", `${machines}/100/migrate`, { target: "pve-02", ...parameters });
    await expect(migrate({})).rejects.toMatchObject({ message: "can't migrate running VM without --online" });
    expect(await migrate({ online: "1" })).toBe("migration aborted");
    expect(await logOf(simulator, "qmigrate")).toContain(
      "can't migrate local disk 'local-zfs:vm-100-disk-0': can't live migrate attached local disks without with-local-disks option",
    );
    expect(await migrate({ online: "1", "with-local-disks": "1" })).toBe("OK");
    expect(simulator.state.guests[100]).toMatchObject({ node: "pve-02", status: "running" });
  });

  test("refuses itself as target, and what only this node has", async ({ simulator, run }) => {
    addImages(simulator);
    await run("POST", machines, { ...web, ide2: "local:iso/debian.iso,media=cdrom" });
    await expect(simulator.request("POST", `${machines}/100/migrate`, { target: "pve-01" })).rejects.toMatchObject({
      errors: { target: "target is local node." },
    });
    expect(await run("POST", `${machines}/100/migrate`, { target: "pve-02" })).toBe("migration aborted");
    expect(await simulator.request("GET", `${machines}/100/migrate`)).toMatchObject({
      running: 0,
      allowed_nodes: ["pve-02"],
      local_disks: [
        { volid: "local:iso/debian.iso", cdrom: 1, is_unused: 0 },
        { volid: "local-zfs:vm-100-disk-0", cdrom: 0, is_unused: 0, size: 8 * gib },
      ],
    });
  });
});

describe("snapshots", () => {
  test("with memory a rollback runs on, without it does not", async ({ simulator, run }) => {
    await run("POST", machines, { ...web, start: "1" });
    expect(await run("POST", `${machines}/100/snapshot`, { snapname: "ram", vmstate: "1" })).toBe("OK");
    expect(await volumesOn(simulator, "local-zfs")).toContain("local-zfs:vm-100-state-ram");
    await run("POST", `${machines}/100/status/stop`);
    await simulator.request("PUT", `${machines}/100/config`, { memory: "1024" });
    expect(await run("POST", `${machines}/100/snapshot/ram/rollback`)).toBe("OK");
    expect(simulator.state.guests[100]).toMatchObject({ status: "running", config: { memory: "2048", parent: "ram" } });
    expect(await simulator.request("GET", `${machines}/100/snapshot`)).toMatchObject([
      { name: "ram", vmstate: 1 },
      { name: "current", running: 1, parent: "ram" },
    ]);
    expect(await run("DELETE", `${machines}/100/snapshot/ram`)).toBe("OK");
    expect(await volumesOn(simulator, "local-zfs")).toEqual(["local-zfs:vm-100-disk-0"]);
    await run("POST", `${machines}/100/snapshot`, { snapname: "disk" });
    expect(await run("POST", `${machines}/100/snapshot/disk/rollback`)).toBe("OK");
    expect(simulator.state.guests[100]?.status).toBe("stopped");
  });

  test("GET …/feature and …/config?snapshot", async ({ simulator, run }) => {
    addImages(simulator);
    await run("POST", machines, { ...web, name: "before" });
    await run("POST", `${machines}/100/snapshot`, { snapname: "one" });
    await simulator.request("PUT", `${machines}/100/config`, { name: "after" });
    expect(await configOf(simulator, 100, { snapshot: "one" })).toMatchObject({ name: "before" });
    const feature = (name: string) => simulator.request("GET", `${machines}/100/feature`, { feature: name });
    expect(await feature("snapshot")).toEqual({ hasFeature: 1, nodes: ["pve-01"] });
    await simulator.request("PUT", `${machines}/100/config`, { scsi1: "local:1" });
    expect(await feature("snapshot")).toMatchObject({ hasFeature: 0 });
  });
});

describe("restore", () => {
  test("brings back disks and what was in them, as another machine with addresses of its own", async ({
    simulator,
    run,
  }) => {
    addImages(simulator);
    await run("POST", machines, cloud);
    expect(await run("POST", "/nodes/pve-01/vzdump", { vmid: "100", storage: "local" })).toBe("OK");
    const [archive = ""] = (await volumesOn(simulator, "local")).filter((id) => id.includes("backup/"));
    const restore = (parameters: Record<string, string>) => run("POST", machines, { archive, ...parameters });
    expect(await restore({ vmid: "101", unique: "1", name: "again" })).toBe("OK");
    const [before, after] = [await configOf(simulator), await configOf(simulator, 101)];
    expect(after).toMatchObject({
      name: "again",
      scsi0: "local-zfs:vm-101-disk-0,size=3G",
      ide2: "local-zfs:vm-101-cloudinit,media=cdrom",
    });
    expect(after["net0"]).not.toBe(before["net0"]);
    await expect(restore({ vmid: "100" })).rejects.toMatchObject({
      message: "unable to restore VM 100 - VM 100 already exists on node 'pve-01'",
    });
    expect(await restore({ vmid: "100", force: "1" })).toBe("OK");
    expect(await volumesOn(simulator, "local-zfs")).toEqual([
      "local-zfs:vm-100-cloudinit",
      "local-zfs:vm-100-disk-0",
      "local-zfs:vm-101-cloudinit",
      "local-zfs:vm-101-disk-0",
    ]);
    await run("POST", `${machines}/101/status/start`);
    expect(simulator.state.guests[101]?.inside.hostname).toBe("again");
  });

  test("refuses a machine that runs, and drives beside an archive", async ({ simulator, run }) => {
    addImages(simulator);
    await run("POST", machines, { ...web, start: "1" });
    await run("POST", "/nodes/pve-01/vzdump", { vmid: "100", storage: "local" });
    const [archive = ""] = (await volumesOn(simulator, "local")).filter((id) => id.includes("backup/"));
    const restore = (more: Record<string, string>) =>
      simulator.request("POST", machines, { vmid: "100", archive, force: "1", ...more });
    await expect(restore({})).rejects.toMatchObject({ message: "unable to restore VM 100 - vm is running" });
    await expect(restore({ scsi0: "local-zfs:1" })).rejects.toMatchObject({
      errors: { scsi0: "option conflicts with option 'archive'" },
    });
  });
});
