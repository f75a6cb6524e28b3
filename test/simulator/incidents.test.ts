import { describe, expect } from "vitest";
import type { Simulator } from "@proxmox-homelab/simulator";
import { test } from "./simulator-test.ts";

const template = "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst";

type Run = (method: string, path: string, parameters?: Readonly<Record<string, string>>) => Promise<string>;

async function createContainer(run: Run): Promise<void> {
  const parameters = { vmid: "101", ostemplate: template, storage: "local-zfs", hostname: "grafana", start: "1" };
  expect(await run("POST", "/nodes/pve-01/lxc", parameters)).toBe("OK");
}

function poolHealth(simulator: Simulator, node: string): Promise<unknown> {
  return simulator.request("GET", `/nodes/${node}/disks/zfs`);
}

describe("a disk", () => {
  test("that dies degrades a mirror, and stays dead in the list", async ({ simulator }) => {
    expect(await poolHealth(simulator, "pve-02")).toMatchObject([{ name: "rpool", health: "ONLINE" }]);
    simulator.incidents.failDisk("pve-02", "/dev/nvme1n1");
    expect(await poolHealth(simulator, "pve-02")).toMatchObject([{ name: "rpool", health: "DEGRADED" }]);
    simulator.incidents.replaceDisk("pve-02", "/dev/nvme1n1");
    expect(simulator.state.nodes["pve-02"]?.disks["/dev/nvme1n1"]).toMatchObject({ dead: false });
  });

  test("that is not there cannot die", ({ simulator }) => {
    expect(() => {
      simulator.incidents.failDisk("pve-02", "/dev/sda");
    }).toThrow("There is no disk /dev/sda on a node pve-02.");
  });
});

describe("a storage", () => {
  test("is out of reach for one node, and comes back", async ({ simulator }) => {
    const content = (node: string) => simulator.request("GET", `/nodes/${node}/storage/local/content`);
    simulator.incidents.takeStorageOffline("local", "pve-01");
    await expect(content("pve-01")).rejects.toMatchObject({ status: 500, message: "storage 'local' is not online" });
    expect(await content("pve-02")).toHaveLength(2);
    simulator.incidents.takeStorageOffline("local");
    await expect(content("pve-02")).rejects.toMatchObject({ message: "storage 'local' is not online" });
    simulator.incidents.bringStorageOnline("local", "pve-01");
    expect(await content("pve-01")).toHaveLength(2);
    await expect(content("pve-02")).rejects.toMatchObject({ status: 500 });
  });

  test("has to be there, and on the node", ({ simulator }) => {
    expect(() => {
      simulator.incidents.takeStorageOffline("nas");
    }).toThrow('There is no storage "nas".');
    expect(() => {
      simulator.incidents.takeStorageOffline("local", "pve-09");
    }).toThrow('There is no storage "local" on a node "pve-09".');
  });
});

describe("a guest", () => {
  test("has a setting changed, and one removed", async ({ simulator, run }) => {
    await createContainer(run);
    simulator.incidents.changeGuest(101, { memory: "1024", hostname: undefined });
    const config = await simulator.request("GET", "/nodes/pve-01/lxc/101/config");
    expect(config).toMatchObject({ memory: 1024 });
    expect(config).not.toHaveProperty("hostname");
    expect(() => {
      simulator.incidents.changeGuest(101, { memroy: "1024" });
    }).toThrow('Containers have no setting "memroy".');
  });

  test("stops, and is destroyed with its volumes but not its backups", async ({ simulator, run }) => {
    await createContainer(run);
    simulator.change(({ volumes, access }) => {
      const name = "backup/vzdump-lxc-101-2026_01_01-00_00_00.tar.zst";
      const backup = { name, content: "backup", format: "tar.zst", size: 1, vmid: 101, created: 1 } as const;
      const volumesOfNode = volumes["pve-01/local"];
      if (volumesOfNode !== undefined) volumesOfNode[name] = backup;
      access.acl.push({ path: "/vms/101", type: "user", ugid: "a@pve", roleid: "PVEVMUser", propagate: true });
    });
    simulator.incidents.stopGuest(101);
    expect(await simulator.request("GET", "/nodes/pve-01/lxc/101/status/current")).toMatchObject({ status: "stopped" });
    const { volumes } = simulator.state;
    expect(Object.keys(volumes["pve-01/local-zfs"] ?? {})).toEqual(["subvol-101-disk-0"]);
    simulator.incidents.destroyGuest(101);
    await expect(simulator.request("GET", "/nodes/pve-01/lxc/101/status/current")).rejects.toMatchObject({
      message: "Configuration file 'nodes/pve-01/lxc/101.conf' does not exist",
    });
    expect(Object.keys(simulator.state.volumes["pve-01/local-zfs"] ?? {})).toEqual([]);
    expect(Object.keys(simulator.state.volumes["pve-01/local"] ?? {})).toContainEqual(expect.stringMatching(/^backup/));
    expect(simulator.state.access.acl).toEqual([]);
  });
});

describe("told in a line", () => {
  test("disks, storages and guests", async ({ simulator, run }) => {
    await createContainer(run);
    const { incidents } = simulator;
    const disk = () => simulator.state.nodes["pve-01"]?.disks["/dev/nvme1n1"];
    const guest = () => simulator.state.guests["101"];
    incidents.tell("disk pve-01 /dev/nvme1n1 dies");
    expect(disk()?.dead).toBe(true);
    incidents.tell(" disk pve-01 /dev/nvme1n1 replaced ");
    expect(disk()?.dead).toBe(false);
    incidents.tell("storage local offline on pve-02");
    expect(simulator.state.storages["local"]?.offline).toEqual(["pve-02"]);
    incidents.tell("storage local offline");
    expect(simulator.state.storages["local"]?.offline).toEqual(["pve-02", "pve-01"]);
    incidents.tell("storage local online");
    expect(simulator.state.storages["local"]?.offline).toEqual([]);
    incidents.tell("guest 101 set description two words");
    expect(guest()?.config["description"]).toBe("two words");
    incidents.tell("guest 101 unset description");
    expect(guest()?.config).not.toHaveProperty("description");
    incidents.tell("guest 101 stopped");
    expect(guest()?.status).toBe("stopped");
    incidents.tell("guest 101 destroyed");
    expect(guest()).toBeUndefined();
  });

  test.for([
    "",
    "toaster pve-01 burns",
    "disk pve-01 /dev/nvme1n1",
    "disk pve-01 /dev/nvme1n1 dies slowly",
    "storage local offline pve-01",
    "storage local offline on",
    "guest 101 set memory",
    "guest 101 stopped now",
  ])("%j is not an incident", (line, { simulator }) => {
    const before = simulator.state;
    expect(() => {
      simulator.incidents.tell(line);
    }).toThrow(`"${line}" is not an incident. Write one of: disk NODE DEVICE dies, `);
    expect(simulator.state).toBe(before);
  });
});
