import { describe, expect } from "vitest";
import type { Simulator } from "@proxmox-homelab/simulator";
import { failDisk, replaceDisk, resilverPool } from "../../simulator/src/node/disk-failure.ts";
import { findDataset, poolStatus } from "../../simulator/src/node/zfs.ts";
import { test } from "./simulator-test.ts";

const disks = "/nodes/pve-01/disks";
const gib = 2 ** 30;
const tank = { name: "tank", raidlevel: "single", devices: "/dev/nvme1n1" };
const link = "/dev/disk/by-id/nvme-Samsung_SSD_9100_PRO_1TB_S7YANJ0Y9100-B";

/** Gives the first node disks that no machine of its size has. */
function addDisks(simulator: Simulator, count: number): string {
  const names = Array.from({ length: count }, (_, index) => `/dev/nvme${index + 2}n1`);
  simulator.change(({ nodes }) => {
    const node = nodes["pve-01"];
    const model = node?.disks["/dev/nvme1n1"];
    if (node === undefined || model === undefined) throw new Error("the seed has changed");
    for (const [index, name] of names.entries()) node.disks[name] = { ...model, serial: `EXTRA${index}` };
  });
  return ["/dev/nvme1n1", ...names].join(",");
}

describe("GET /nodes/{node}/disks/list", () => {
  test("shows both disks of the first node, one of them unused", async ({ simulator }) => {
    expect(await simulator.request("GET", `${disks}/list`)).toEqual([
      expect.objectContaining({ devpath: "/dev/nvme0n1", used: "BIOS boot", gpt: 1 }),
      {
        devpath: "/dev/nvme1n1",
        by_id_link: link,
        model: "Samsung SSD 9100 PRO 1TB",
        serial: "S7YANJ0Y9100-B",
        wwn: "eui.002538b25100a001",
        vendor: "unknown",
        size: 1_000_204_886_016,
        type: "nvme",
        rpm: 0,
        gpt: 0,
        mounted: 0,
        health: "PASSED",
        wearout: 100,
        osdid: -1,
        "osdid-list": [],
      },
    ]);
  });

  test("filters, leaves out SMART, and shows partitions", async ({ simulator }) => {
    const unused = await simulator.request<object[]>("GET", `${disks}/list`, { type: "unused", skipsmart: "1" });
    expect(unused).toHaveLength(1);
    expect(unused[0]).toMatchObject({ devpath: "/dev/nvme1n1", health: "UNKNOWN", wearout: "N/A" });
    const all = await simulator.request<object[]>("GET", `${disks}/list`, { "include-partitions": "1" });
    expect(all).toMatchObject([
      { devpath: "/dev/nvme0n1", used: "partitions" },
      { devpath: "/dev/nvme0n1p1", parent: "/dev/nvme0n1", used: "BIOS boot", type: "partition" },
      { devpath: "/dev/nvme0n1p2", used: "EFI", size: gib },
      { devpath: "/dev/nvme0n1p3", used: "ZFS" },
      { devpath: "/dev/nvme1n1" },
    ]);
  });
});

test("GET …/disks/smart reads an NVMe disk as text", async ({ simulator }) => {
  const smart = await simulator.request("GET", "/nodes/pve-02/disks/smart", { disk: "/dev/nvme0n1" });
  expect(smart).toEqual({
    health: "PASSED",
    type: "text",
    wearout: 98,
    text: expect.stringContaining("Percentage Used:                    2%\n") as string,
  });
  const brief = await simulator.request("GET", `${disks}/smart`, { disk: "/dev/nvme0n1", healthonly: "1" });
  expect(brief).toEqual({ health: "PASSED" });
  await expect(simulator.request("GET", `${disks}/smart`, { disk: "/dev/sda" })).rejects.toMatchObject({
    status: 500,
    message: "not a valid block device",
  });
});

describe("GET …/disks/zfs", () => {
  test("has the sizes that a disk of 1 TB has in a pool", async ({ simulator }) => {
    const [rpool] = await simulator.request<{ size: number; alloc: number; free: number }[]>("GET", `${disks}/zfs`);
    expect(rpool).toMatchObject({ name: "rpool", health: "ONLINE", size: 928 * gib, dedup: 1, frag: 0 });
    expect(rpool?.alloc).toBeGreaterThan(4 * gib);
    expect((rpool?.alloc ?? 0) + (rpool?.free ?? 0)).toBe(928 * gib);
  });

  test("shows the tree of a pool", async ({ simulator }) => {
    const member = (letter: string) => `/dev/disk/by-id/nvme-CT500P3PSSD8_2344E8850${letter}-part3`;
    const counts = { state: "ONLINE", read: 0, write: 0, cksum: 0, msg: "" };
    expect(await simulator.request("GET", "/nodes/pve-02/disks/zfs/rpool")).toEqual({
      name: "rpool",
      state: "ONLINE",
      errors: "No known data errors",
      leaf: 0,
      children: [
        {
          ...counts,
          name: "rpool",
          leaf: 0,
          children: [
            {
              ...counts,
              name: "mirror-0",
              leaf: 0,
              children: [
                { ...counts, name: member("A"), leaf: 1 },
                { ...counts, name: member("B"), leaf: 1 },
              ],
            },
          ],
        },
      ],
    });
  });

  test("refuses a pool that is not there", async ({ simulator }) => {
    await expect(simulator.request("GET", `${disks}/zfs/tank`)).rejects.toMatchObject({
      status: 500,
      message: "command '/sbin/zpool status -P tank' failed: exit code 1",
    });
  });
});

describe("POST …/disks/zfs", () => {
  test("makes a pool and, where it is asked to, its storage", async ({ simulator, run }) => {
    expect(await run("POST", `${disks}/zfs/`, { ...tank, compression: "zstd", ashift: "13", add_storage: "1" })).toBe(
      "OK",
    );
    expect(simulator.state.storages["tank"]).toMatchObject({
      type: "zfspool",
      config: { pool: "tank", content: "images,rootdir", nodes: "pve-01", mountpoint: "/tank" },
    });
    expect(simulator.state.nodes["pve-01"]?.zpools["tank"]).toMatchObject({
      disks: ["/dev/nvme1n1"],
      properties: { ashift: "13" },
      datasets: { tank: { compression: "zstd" } },
    });
    const detail = await simulator.request<{ children: [{ children: object[] }] }>("GET", `${disks}/zfs/tank`);
    expect(detail.children[0].children).toMatchObject([{ name: `${link}-part1`, state: "ONLINE" }]);
    const [, disk] = await simulator.request<object[]>("GET", `${disks}/list`);
    expect(disk).toMatchObject({ used: "ZFS", gpt: 1 });
  });

  test.for([
    ["a disk in use", { devices: "/dev/nvme0n1" }, "device '/dev/nvme0n1' is already in use"],
    ["a disk that is not there", { devices: "/dev/nvme9n1" }, "not a valid block device"],
    ["a mirror of one", { raidlevel: "mirror" }, "mirror needs at least 2 disks"],
    ["a raidz2 of one", { raidlevel: "raidz2" }, "raidz2 needs at least 4 disks"],
    ["a raid10 of one", { raidlevel: "raid10" }, "raid10 needs an even number of disks"],
    ["a pool that is there", { name: "rpool" }, "pool 'rpool' already exists on node 'pve-01'"],
    [
      "a storage that is there",
      { name: "local", add_storage: "1" },
      "Storage ID 'local' already exists on node pve-01",
    ],
    ["options of another level", { "draid-config": "data=1,spares=0" }, "draid-config set without using dRAID level"],
  ] as const)("refuses %s", async ([, wrong, message], { simulator }) => {
    await expect(simulator.request("POST", `${disks}/zfs`, { ...tank, ...wrong })).rejects.toMatchObject({
      status: 500,
      message,
    });
  });

  test("refuses two disks for one", async ({ simulator }) => {
    const devices = addDisks(simulator, 1);
    await expect(simulator.request("POST", `${disks}/zfs`, { ...tank, devices })).rejects.toMatchObject({
      message: "please give only one disk for single disk mode",
    });
  });

  test.for([
    ["mirror", 2, 928, 899],
    ["raid10", 4, 1856, 1798],
    ["raidz", 4, 3712, 2615],
    ["raidz2", 4, 3712, 1744],
  ] as const)("%s of %i disks of 1 TB", async ([raidlevel, count, size, available], { simulator, run }) => {
    const devices = addDisks(simulator, count - 1);
    expect(await run("POST", `${disks}/zfs`, { ...tank, raidlevel, devices })).toBe("OK");
    expect(poolStatus(simulator.state, "pve-01", "tank")?.size).toBe(size * gib);
    const dataset = findDataset(simulator.state, "pve-01", "tank");
    expect(Math.round((dataset?.available ?? 0) / gib)).toBe(available);
  });
});

describe("DELETE …/disks/zfs/{name}", () => {
  test("leaves the storage and the disk's labels behind", async ({ simulator, run }) => {
    await run("POST", `${disks}/zfs`, { ...tank, add_storage: "1" });
    expect(await run("DELETE", `${disks}/zfs/tank`)).toBe("OK");
    expect(simulator.state.storages["tank"]).toBeDefined();
    await expect(simulator.request("POST", `${disks}/zfs`, tank)).rejects.toMatchObject({
      message: "device '/dev/nvme1n1' is already in use",
    });
  });

  test("cleans up where it is asked to", async ({ simulator, run }) => {
    await run("POST", `${disks}/zfs`, { ...tank, add_storage: "1" });
    expect(await run("DELETE", `${disks}/zfs/tank`, { "cleanup-config": "1", "cleanup-disks": "1" })).toBe("OK");
    expect(simulator.state.storages["tank"]).toBeUndefined();
    expect(await run("POST", `${disks}/zfs`, tank)).toBe("OK");
  });

  test("does not destroy what the system is on, nor what is not there", async ({ run }) => {
    expect(await run("DELETE", `${disks}/zfs/rpool`)).toBe("command 'zpool destroy rpool' failed: exit code 1");
    expect(await run("DELETE", `${disks}/zfs/tank`)).toBe("command 'zpool destroy tank' failed: exit code 1");
  });
});

describe("POST …/disks/initgpt", () => {
  test("writes a partition table", async ({ simulator, run }) => {
    expect(await run("POST", `${disks}/initgpt`, { disk: "/dev/nvme1n1" })).toBe("OK");
    const [, disk] = await simulator.request<object[]>("GET", `${disks}/list`);
    expect(disk).toMatchObject({ gpt: 1 });
    await expect(simulator.request("POST", `${disks}/initgpt`, { disk: "/dev/nvme0n1" })).rejects.toMatchObject({
      message: "disk /dev/nvme0n1 already in use",
    });
  });
});

test("PUT …/disks/wipedisk is for root himself, not for a token", async ({ simulator }) => {
  await expect(simulator.request("PUT", `${disks}/wipedisk`, { disk: "/dev/nvme1n1" })).rejects.toMatchObject({
    status: 403,
    message: "Permission check failed (user != root@pam)",
  });
});

describe("a disk that dies", () => {
  const list = (simulator: Simulator, node: string) =>
    simulator.request<{ name: string; health: string }[]>("GET", `/nodes/${node}/disks/zfs`);

  test("degrades a mirror until it is replaced and rebuilt", async ({ simulator }) => {
    simulator.change((state) => {
      failDisk(state, "pve-02", "/dev/nvme1n1");
    });
    expect(await list(simulator, "pve-02")).toMatchObject([{ name: "rpool", health: "DEGRADED" }]);
    const [, dead] = await simulator.request<object[]>("GET", "/nodes/pve-02/disks/list");
    expect(dead).toMatchObject({ devpath: "/dev/nvme1n1", health: "FAILED!" });
    expect(await simulator.request("GET", "/nodes/pve-02/disks/zfs/rpool")).toMatchObject({
      state: "DEGRADED",
      status:
        "One or more devices are faulted in response to persistent errors. " +
        "Sufficient replicas exist for the pool to continue functioning in a degraded state.",
      children: [
        {
          state: "DEGRADED",
          children: [
            {
              name: "mirror-0",
              state: "DEGRADED",
              children: [{ state: "ONLINE" }, { state: "FAULTED", msg: "too many errors" }],
            },
          ],
        },
      ],
    });
    simulator.change((state) => {
      replaceDisk(state, "pve-02", "/dev/nvme1n1", { serial: "NEW1" });
    });
    expect(await simulator.request("GET", "/nodes/pve-02/disks/zfs/rpool")).toMatchObject({
      state: "DEGRADED",
      action: "Replace the device using 'zpool replace'.",
      children: [
        {
          children: [
            {
              children: [
                { state: "ONLINE" },
                { state: "UNAVAIL", msg: "was /dev/disk/by-id/nvme-CT500P3PSSD8_2344E8850B-part3" },
              ],
            },
          ],
        },
      ],
    });
    const unused = await simulator.request<object[]>("GET", "/nodes/pve-02/disks/list", { type: "unused" });
    expect(unused).toMatchObject([{ serial: "NEW1", health: "PASSED" }]);
    simulator.change(({ nodes }) => {
      const pool = nodes["pve-02"]?.zpools["rpool"];
      if (pool !== undefined) resilverPool(pool, "/dev/nvme1n1", "/dev/nvme1n1", "resilvered 4.24G");
    });
    expect(await list(simulator, "pve-02")).toMatchObject([{ health: "ONLINE" }]);
  });

  test("suspends a pool that has nothing else", async ({ simulator, run }) => {
    await run("POST", `${disks}/zfs`, tank);
    simulator.change((state) => {
      failDisk(state, "pve-01", "/dev/nvme1n1");
    });
    expect(await list(simulator, "pve-01")).toMatchObject([
      { name: "rpool", health: "ONLINE" },
      { name: "tank", health: "SUSPENDED" },
    ]);
    expect(await simulator.request("GET", `${disks}/zfs/tank`)).toMatchObject({
      state: "SUSPENDED",
      errors: "List of errors unavailable: pool I/O is currently suspended",
      children: [{ state: "UNAVAIL", msg: "insufficient replicas", children: [{ state: "FAULTED" }] }],
    });
    expect(await simulator.request("GET", `${disks}/smart`, { disk: "/dev/nvme1n1" })).toMatchObject({
      health: "FAILED!",
      text: expect.stringContaining("Critical Warning:                   0x04") as string,
    });
  });
});

describe("what a pool holds", () => {
  test("thin volumes take what is written, thick ones what they reserve", ({ simulator }) => {
    const space = () => findDataset(simulator.state, "pve-01", "rpool/data");
    const allocated = () => poolStatus(simulator.state, "pve-01", "rpool")?.allocated ?? 0;
    const [before, empty] = [space(), allocated()];
    simulator.change(({ volumes }) => {
      const name = "vm-100-disk-0";
      volumes["pve-01/local-zfs"] = {
        [name]: { name, content: "images", format: "raw", size: 100 * gib, created: 0 },
      };
    });
    expect(allocated() - empty).toBeGreaterThan(10 * gib);
    expect(allocated() - empty).toBeLessThan(11 * gib);
    expect((before?.available ?? 0) - (space()?.available ?? 0)).toBeLessThan(11 * gib);
    simulator.change(({ storages }) => {
      Reflect.deleteProperty(storages["local-zfs"]?.config ?? {}, "sparse");
    });
    expect((space()?.used ?? 0) / gib).toBeCloseTo(100, 1);
    expect(allocated() - empty).toBeLessThan(11 * gib);
  });
});
