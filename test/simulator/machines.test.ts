import { describe, expect } from "vitest";
import { logIn, withToken } from "./clients.ts";
import { addImages, cloud, configOf, machines, volumesOn, web } from "./machine-requests.ts";
import { test } from "./simulator-test.ts";

describe("POST /nodes/{node}/qemu", () => {
  test("creates a machine with what Proxmox adds", async ({ simulator, run }) => {
    expect(await run("POST", machines, { ...web, agent: "enabled=1", cpu: "x86-64-v2-AES" })).toBe("OK");
    expect(await configOf(simulator)).toEqual({
      agent: "enabled=1",
      boot: "order=scsi0;net0",
      cores: 2,
      cpu: "x86-64-v2-AES",
      digest: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
      memory: "2048",
      meta: "creation-qemu=10.1.2,ctime=1767225605",
      name: "web",
      net0: expect.stringMatching(/^virtio=BC:24:11(:[0-9A-F]{2}){3},bridge=vmbr0,firewall=1,tag=20$/) as string,
      ostype: "l26",
      scsi0: "local-zfs:vm-100-disk-0,discard=on,iothread=1,size=8G",
      scsihw: "virtio-scsi-single",
      smbios1: expect.stringMatching(/^uuid=[0-9a-f-]{36}$/) as string,
      vmgenid: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
  });

  test("creates one with nothing in it, whose boot order is a blank", async ({ simulator, run }) => {
    expect(await run("POST", machines, { vmid: "100" })).toBe("OK");
    expect(Object.keys(await configOf(simulator)).sort()).toEqual(["boot", "digest", "meta", "smbios1", "vmgenid"]);
    expect(await configOf(simulator)).toMatchObject({ boot: " " });
  });

  test("starts it, puts it into a pool and under HA", async ({ simulator, run }) => {
    await simulator.request("POST", "/pools", { poolid: "lab" });
    expect(await run("POST", machines, { ...web, start: "1", pool: "lab", "ha-managed": "1" })).toBe("OK");
    expect(simulator.state.guests[100]).toMatchObject({ status: "running", pool: "lab" });
    expect(simulator.state.sections.haResources).toMatchObject({ "vm:100": { state: "started" } });
  });

  test("locks it until the task has ended", async ({ simulator, clock }) => {
    await simulator.request("POST", machines, web);
    await expect(simulator.request("PUT", `${machines}/100/config`, { cores: "1" })).rejects.toMatchObject({
      status: 500,
      message: "VM is locked (create)",
    });
    clock.advance(60);
    await simulator.request("PUT", `${machines}/100/config`, { cores: "1" });
  });

  test.for([
    ["a VMID in use", { vmid: "100" }, "unable to create VM 100 - VM 100 already exists on node 'pve-01'"],
    ["a storage that is not there", { scsi0: "tank:8" }, "storage 'tank' does not exist"],
    ["keys that are none", { sshkeys: "rsa%20AAAA" }, "SSH public key validation error"],
  ] as const)("refuses %s", async ([, wrong, message], { simulator, run }) => {
    await run("POST", machines, web);
    const before = structuredClone(simulator.state.guests);
    await expect(simulator.request("POST", machines, { ...web, vmid: "101", ...wrong })).rejects.toMatchObject({
      status: 500,
      message,
    });
    expect(simulator.state.guests).toEqual(before);
  });

  test.for([
    ["scsi0", "local:8", "storage", "storage 'local' does not support vm images"],
    ["ide2", "local:iso/debian.iso", "ide2", "explicit 'media=cdrom' is required for iso images"],
    [
      "scsi0",
      "local-zfs:8,import-from=local:import/x.qcow2",
      "scsi0",
      "'import-from' requires special syntax - use <storage ID>:0,import-from=<source>",
    ],
    [
      "scsi0",
      "local-zfs:0,import-from=local:iso/debian.iso",
      "scsi0",
      "local:iso/debian.iso has wrong type 'iso' - needs to be 'images' or 'import'",
    ],
    ["cpu", "host2", "cpu", "invalid format - Built-in cputype 'host2' is not defined (missing 'custom-' prefix?)"],
    ["boot", "scsi0", "boot", "invalid format - format error\nboot.legacy: value does not match the regex pattern\n"],
    [
      "boot",
      "order=floppy0",
      "boot",
      "invalid format - format error\nboot.order: invalid format - invalid boot device 'floppy0'\n",
    ],
    [
      "net0",
      "bridge=vmbr0",
      "net0",
      "invalid format - format error\nnet0.model: property is missing and it is not optional\n",
    ],
    [
      "ipconfig0",
      "gw=10.0.0.1",
      "ipconfig0",
      "invalid format - format error\nipconfig0.ip: missing property - 'gw' requires this property\n",
    ],
    ["hotplug", "disk,toaster", "hotplug", "invalid format - invalid hotplug feature 'toaster'"],
    [
      "smbios1",
      "uuid=1",
      "smbios1",
      "invalid format - format error\nsmbios1.uuid: value does not match the regex pattern\n",
    ],
    ["startup", "first", "startup", "invalid format - unable to parse startup options"],
  ] as const)("refuses %s=%s", async ([name, value, parameter, problem], { simulator }) => {
    await expect(simulator.request("POST", machines, { ...web, [name]: value })).rejects.toMatchObject({
      status: 400,
      message: "Parameter verification failed.",
      errors: { [parameter]: problem },
    });
  });

  test("fails in its task where a disk can't be made, and leaves nothing", async ({ simulator, run }) => {
    const source = { scsi0: "local-zfs:0,import-from=local:import/missing.qcow2" };
    expect(await run("POST", machines, { ...web, ...source })).toBe(
      "unable to create VM 100 - cannot import from 'local:import/missing.qcow2' - could not get size of local:import/missing.qcow2",
    );
    expect(await run("POST", machines, { ...web, ide2: "local:iso/missing.iso,media=cdrom" })).toBe(
      "unable to create VM 100 - volume 'local:iso/missing.iso' does not exist",
    );
    expect(simulator.state.guests).toEqual({});
    expect(await volumesOn(simulator, "local-zfs")).toEqual([]);
  });
});

describe("who may do what", () => {
  test.for([
    ["args", "-no-reboot", 500, "only root can set 'args' config"],
    ["hugepages", "2", 500, "only root can set 'hugepages' config"],
    ["affinity", "0-3", 500, "only root can set 'affinity' config"],
    ["serial0", "/dev/ttyS0", 500, "only root can set 'serial0' config for real devices"],
    ["hostpci0", "0000:01:00.0", 500, "only root can set 'hostpci0' config for non-mapped devices"],
    ["usb0", "host=1234:5678", 500, "only root can set 'usb0' config for real devices"],
    ["scsi0", "/dev/nvme1n1", 500, "Only root can pass arbitrary filesystem paths."],
  ] as const)(
    "root's token may not set %s=%s, root may",
    async ([name, value, status, message], { simulator, clock }) => {
      const parameters = { vmid: "100", [name]: value };
      await expect(simulator.request("POST", machines, parameters)).rejects.toMatchObject({ status, message });
      const { client } = await logIn(simulator, simulator.username, simulator.password);
      await client("POST", machines, parameters);
      clock.advance(60);
      expect(simulator.state.guests[100]?.config).toMatchObject({ [name]: value });
    },
  );

  test("each option asks for its own privilege", async ({ simulator, run }) => {
    await run("POST", machines, web);
    await simulator.request("POST", "/access/users", { userid: "ops@pve", password: "not-secret" });
    await simulator.request("POST", "/access/roles", { roleid: "Memory", privs: "VM.Audit,VM.Config.Memory" });
    await simulator.request("PUT", "/access/acl", { path: "/vms/100", users: "ops@pve", roles: "Memory" });
    const { client } = await logIn(simulator, "ops@pve", "not-secret");
    await client("PUT", `${machines}/100/config`, { memory: "1024" });
    for (const [setting, missing] of [
      [{ cores: "1" }, "/vms/100, VM.Config.CPU"],
      [{ name: "other" }, "/vms/100, VM.Config.Options"],
      [{ delete: "scsihw" }, "/vms/100, VM.Config.HWType"],
      [{ ciuser: "root" }, "/vms/100, VM.Config.Cloudinit|VM.Config.Network"],
      [{ delete: "scsi0" }, "/vms/100, VM.Config.Disk"],
      [{ ide2: "none,media=cdrom" }, "/vms/100, VM.Config.CDROM"],
      [{ scsi1: "local-zfs:1" }, "/storage/local-zfs, Datastore.AllocateSpace"],
      [{ net1: "virtio,bridge=vmbr0" }, "/vms/100, VM.Config.Network"],
    ] as const) {
      await expect(client("PUT", `${machines}/100/config`, setting)).rejects.toMatchObject({
        status: 403,
        message: `Permission check failed (${missing})`,
      });
    }
  });

  test("a bridge asks for SDN.Use, on it or on the VLAN", async ({ simulator, run }) => {
    await run("POST", machines, web);
    await simulator.request("POST", "/access/users", { userid: "ops@pve", password: "not-secret" });
    await simulator.request("PUT", "/access/acl", { path: "/vms/100", users: "ops@pve", roles: "PVEVMAdmin" });
    const path = "/sdn/zones/localnetwork/vmbr0/30";
    await simulator.request("PUT", "/access/acl", { path, users: "ops@pve", roles: "PVESDNUser" });
    const { client } = await logIn(simulator, "ops@pve", "not-secret");
    await client("PUT", `${machines}/100/config`, { net1: "virtio,bridge=vmbr0,tag=30" });
    await expect(client("PUT", `${machines}/100/config`, { net2: "virtio,bridge=vmbr0,tag=31" })).rejects.toMatchObject(
      {
        status: 403,
        message: "Permission check failed (/sdn/zones/localnetwork/vmbr0/31, SDN.Use)",
      },
    );
  });

  test("lists show only what one may see; skiplock is for root", async ({ simulator, run }) => {
    await run("POST", machines, web);
    await simulator.request("POST", "/access/users", { userid: "ops@pve", password: "not-secret" });
    const { client } = await logIn(simulator, "ops@pve", "not-secret");
    expect(await client("GET", machines)).toEqual([]);
    const token = withToken(simulator, simulator.apiToken);
    await expect(token("PUT", `${machines}/100/config`, { cores: "1", skiplock: "1" })).rejects.toMatchObject({
      status: 400,
      errors: { skiplock: "Only root may use this option." },
    });
  });
});

describe("PUT …/config", () => {
  test("sets, deletes and refuses a stale digest", async ({ simulator, run }) => {
    await run("POST", machines, web);
    const { digest } = await configOf(simulator);
    const change = { description: "a web server\n", tags: "Web,lab,web", digest: String(digest) };
    await simulator.request("PUT", `${machines}/100/config`, change);
    expect(await configOf(simulator)).toMatchObject({ description: "a web server", tags: "lab;web" });
    await expect(simulator.request("PUT", `${machines}/100/config`, change)).rejects.toMatchObject({
      message: "checksum mismatch (file change by other user?)",
    });
    await simulator.request("PUT", `${machines}/100/config`, { delete: "description,tags" });
    expect(Object.keys(await configOf(simulator))).not.toContain("description");
  });

  test.for([
    [{}, 500, "no options specified"],
    [{ balloon: "4096" }, 500, "balloon value too large (must be smaller than assigned memory)"],
    [{ boot: "order=scsi1" }, 500, "invalid bootorder: device 'scsi1' does not exist'"],
  ] as const)("refuses %j", async ([change, status, message], { simulator, run }) => {
    await run("POST", machines, web);
    await expect(simulator.request("PUT", `${machines}/100/config`, change)).rejects.toMatchObject({ status, message });
  });

  test("refuses to delete what is set at the same time, and what is none", async ({ simulator, run }) => {
    await run("POST", machines, web);
    const put = (change: Record<string, string>) => simulator.request("PUT", `${machines}/100/config`, change);
    await expect(put({ cores: "1", delete: "cores" })).rejects.toMatchObject({
      errors: { delete: "you can't use '-cores' and -delete cores' at the same time" },
    });
    await expect(put({ delete: "colour" })).rejects.toMatchObject({ errors: { delete: "unknown option 'colour'" } });
  });

  test("keeps pending what a running machine can't take, until it is stopped", async ({ simulator, run }) => {
    await run("POST", machines, { ...web, start: "1" });
    const before = simulator.state.guests[100]?.config["net0"] ?? "";
    await simulator.request("PUT", `${machines}/100/config`, {
      memory: "4096",
      bios: "ovmf",
      delete: "ostype",
      name: "web2",
      net0: before.replace("tag=20", "tag=30"),
      scsi1: "local-zfs:4",
      sata0: "local-zfs:2",
    });
    expect(await configOf(simulator)).toMatchObject({ memory: "4096", bios: "ovmf", name: "web2" });
    expect(await configOf(simulator, 100, { current: "1" })).toMatchObject({
      memory: "2048",
      ostype: "l26",
      name: "web2",
      net0: before.replace("tag=20", "tag=30"),
      scsi1: "local-zfs:vm-100-disk-1,size=4G",
    });
    const pending = await simulator.request<{ key: string }[]>("GET", `${machines}/100/pending`);
    expect(pending.filter((item) => "pending" in item || "delete" in item)).toEqual(
      [
        { key: "memory", value: "2048", pending: "4096" },
        { key: "ostype", value: "l26", delete: 1 },
        { key: "bios", pending: "ovmf" },
        { key: "sata0", pending: "local-zfs:vm-100-disk-2,size=2G" },
      ].sort((a, b) => pending.findIndex(({ key }) => key === a.key) - pending.findIndex(({ key }) => key === b.key)),
    );
    expect(await run("POST", `${machines}/100/status/stop`)).toBe("OK");
    const { digest: _, ...after } = await configOf(simulator, 100, { current: "1" });
    expect(after).toMatchObject({ memory: "4096", bios: "ovmf", sata0: "local-zfs:vm-100-disk-2,size=2G" });
    expect(after).not.toHaveProperty("ostype");
  });

  test("reverts what is pending", async ({ simulator, run }) => {
    await run("POST", machines, { ...web, start: "1" });
    await simulator.request("PUT", `${machines}/100/config`, { memory: "4096", bios: "ovmf", sata0: "local-zfs:2" });
    await simulator.request("PUT", `${machines}/100/config`, { revert: "memory,bios,sata0" });
    expect(await configOf(simulator)).toMatchObject({ memory: "2048" });
    expect(await configOf(simulator)).not.toHaveProperty("bios");
    // The disk that was made for it is kept.
    expect(await configOf(simulator)).toMatchObject({ unused0: "local-zfs:vm-100-disk-1" });
  });
});

test("POST …/config does the same as a task", async ({ simulator, run }) => {
  await run("POST", machines, web);
  expect(await run("POST", `${machines}/100/config`, { cores: "3", cipassword: "geheim1" })).toBe("OK");
  expect(await configOf(simulator)).toMatchObject({ cores: 3, cipassword: "**********" });
  expect(simulator.state.guests[100]?.config["cipassword"]).toMatch(/^\$5\$/);
  const [task] = await simulator.request<{ type: string; upid: string }[]>("GET", "/nodes/pve-01/tasks");
  expect(task?.type).toBe("qmconfig");
  const log = await simulator.request<{ t: string }[]>("GET", `/nodes/pve-01/tasks/${task?.upid ?? ""}/log`);
  expect(log[0]?.t).toBe("update VM 100: -cipassword <hidden> -cores 3");
});

describe("…/status", () => {
  test("GET …/status/current tells of the process", async ({ simulator, run, clock }) => {
    await run("POST", machines, { ...web, agent: "1" });
    const path = `${machines}/100/status/current`;
    expect(await simulator.request("GET", path)).toMatchObject({
      status: "stopped",
      qmpstatus: "stopped",
      uptime: 0,
      cpus: 2,
      maxmem: 2 ** 31,
      maxdisk: 8 * 2 ** 30,
      agent: 1,
      ha: { managed: 0 },
    });
    await run("POST", `${machines}/100/status/start`);
    clock.advance(58);
    expect(await simulator.request("GET", path)).toMatchObject({
      status: "running",
      qmpstatus: "running",
      "running-machine": "pc-i440fx-10.1+pve0",
      "running-qemu": "10.1.2",
      pid: expect.any(Number) as number,
      uptime: 3656,
    });
  });

  test("start fails in its task where it can't", async ({ run }) => {
    await run("POST", machines, { ...web, start: "1" });
    expect(await run("POST", `${machines}/100/status/start`)).toBe("VM 100 already running");
    const start = async (change: Record<string, string>) => {
      await run("POST", machines, { ...web, vmid: "101", ...change });
      const status = await run("POST", `${machines}/101/status/start`);
      await run("DELETE", `${machines}/101`);
      return status;
    };
    expect(await start({ cores: "64" })).toBe("MAX 20 vcpus allowed per VM on this node");
    expect(await start({ net0: "virtio,bridge=vmbr9" })).toBe("start failed: QEMU exited with code 1");
    expect(await start({ memory: "1048576" })).toBe("start failed: QEMU exited with code 1");
  });

  test("stop ends a machine, and does nothing to one that is not running", async ({ simulator, run }) => {
    await run("POST", machines, { ...web, start: "1" });
    expect(await run("POST", `${machines}/100/status/stop`)).toBe("OK");
    expect(simulator.state.guests[100]?.status).toBe("stopped");
    expect(await run("POST", `${machines}/100/status/stop`)).toBe("OK");
  });

  test("shutdown times out where nothing has booted, unless it is forced", async ({ simulator, run }) => {
    await run("POST", machines, { ...web, start: "1" });
    expect(await run("POST", `${machines}/100/status/shutdown`, { timeout: "10" })).toBe(
      "VM quit/powerdown failed - got timeout",
    );
    expect(await run("POST", `${machines}/100/status/shutdown`, { timeout: "10", forceStop: "1" })).toBe("OK");
    expect(simulator.state.guests[100]?.status).toBe("stopped");
  });

  test("shutdown of a system goes by its agent where one is configured", async ({ simulator, run }) => {
    addImages(simulator);
    await run("POST", machines, { ...cloud, start: "1" });
    expect(await run("POST", `${machines}/100/status/shutdown`)).toBe("VM quit/powerdown failed");
    await simulator.request("PUT", `${machines}/100/config`, { delete: "agent" });
    await run("POST", `${machines}/100/status/stop`);
    await run("POST", `${machines}/100/status/start`);
    expect(await run("POST", `${machines}/100/status/shutdown`)).toBe("OK");
  });

  test.for(["reset", "reboot", "suspend", "resume"])(
    "%s refuses a machine that is not running",
    async (action, { simulator, run }) => {
      await run("POST", machines, web);
      await expect(simulator.request("POST", `${machines}/100/status/${action}`)).rejects.toMatchObject({
        status: 500,
        message: "VM 100 not running",
      });
    },
  );

  test("reboot applies what is pending", async ({ simulator, run }) => {
    addImages(simulator);
    const { agent: _, ...quiet } = cloud;
    await run("POST", machines, { ...quiet, start: "1" });
    await simulator.request("PUT", `${machines}/100/config`, { memory: "4096" });
    expect(await run("POST", `${machines}/100/status/reboot`)).toBe("OK");
    expect(simulator.state.guests[100]).toMatchObject({ status: "running", pending: {}, config: { memory: "4096" } });
  });

  test("suspend pauses, resume goes on", async ({ simulator, run }) => {
    await run("POST", machines, { ...web, start: "1" });
    expect(await run("POST", `${machines}/100/status/suspend`)).toBe("OK");
    const current = () => simulator.request("GET", `${machines}/100/status/current`);
    expect(await current()).toMatchObject({ status: "running", qmpstatus: "paused" });
    await expect(simulator.request("POST", `${machines}/100/status/shutdown`)).rejects.toMatchObject({
      message: "VM is paused - cannot shutdown",
    });
    expect(await run("POST", `${machines}/100/status/resume`)).toBe("OK");
    expect(await current()).toMatchObject({ qmpstatus: "running" });
  });

  test("suspend to disk keeps the memory in a volume until it is resumed", async ({ simulator, run }) => {
    await run("POST", machines, { ...web, start: "1" });
    expect(await run("POST", `${machines}/100/status/suspend`, { todisk: "1" })).toBe("OK");
    expect(simulator.state.guests[100]).toMatchObject({ status: "stopped", config: { lock: "suspended" } });
    expect(await volumesOn(simulator, "local-zfs")).toEqual([
      "local-zfs:vm-100-disk-0",
      "local-zfs:vm-100-state-suspend-2026-01-01",
    ]);
    expect(await run("POST", `${machines}/100/status/resume`)).toBe("OK");
    expect(simulator.state.guests[100]?.status).toBe("running");
    expect(simulator.state.guests[100]?.config).not.toHaveProperty("lock");
    expect(await volumesOn(simulator, "local-zfs")).toEqual(["local-zfs:vm-100-disk-0"]);
  });
});

describe("DELETE …/qemu/{vmid}", () => {
  test("removes the machine with its volumes", async ({ simulator, run }) => {
    await run("POST", machines, { ...web, ide2: "local-zfs:cloudinit" });
    expect(await run("DELETE", `${machines}/100`)).toBe("OK");
    await expect(configOf(simulator)).rejects.toMatchObject({
      status: 500,
      message: "Configuration file 'nodes/pve-01/qemu-server/100.conf' does not exist",
    });
    expect(await volumesOn(simulator, "local-zfs")).toEqual([]);
  });

  test("refuses a machine that runs, is protected or is managed by HA", async ({ simulator, run }) => {
    await run("POST", machines, { ...web, start: "1", protection: "1", "ha-managed": "1" });
    const remove = () => simulator.request("DELETE", `${machines}/100`);
    await expect(remove()).rejects.toMatchObject({ message: "can't remove VM 100 - protection mode enabled" });
    await simulator.request("PUT", `${machines}/100/config`, { protection: "0" });
    await expect(remove()).rejects.toMatchObject({
      message: "unable to remove VM 100 - used in HA resources and purge parameter not set.",
    });
    await simulator.request("DELETE", "/cluster/ha/resources/vm:100");
    await expect(remove()).rejects.toMatchObject({ message: "VM 100 is running - destroy failed" });
  });

  test("with purge takes it out of jobs; with destroy-unreferenced-disks takes what carries its number", async ({
    simulator,
    run,
  }) => {
    await run("POST", machines, web);
    simulator.change(({ sections, volumes }) => {
      sections.backupJobs["nightly"] = { vmid: "100,200", schedule: "03:00" };
      const forgotten = { content: "images", format: "raw", size: 1, vmid: 100, created: 0 } as const;
      Object.assign(volumes["pve-01/local-zfs"] ?? {}, { "vm-100-disk-9": { ...forgotten, name: "vm-100-disk-9" } });
    });
    expect(await run("DELETE", `${machines}/100`, { purge: "1", "destroy-unreferenced-disks": "1" })).toBe("OK");
    expect(simulator.state.sections.backupJobs["nightly"]).toMatchObject({ vmid: "200" });
    expect(await volumesOn(simulator, "local-zfs")).toEqual([]);
  });
});
