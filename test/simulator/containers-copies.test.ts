import { describe, expect } from "vitest";
import { containers, grafana, logOf, textIn } from "./container-requests.ts";
import { test } from "./simulator-test.ts";

const clone = `${containers}/101/clone`;

describe("POST …/clone", () => {
  test("copies a container, with another address and name", async ({ simulator, run }) => {
    await run("POST", containers, { ...grafana, mp0: "local-zfs:1,mp=/data", description: "original" });
    expect(await run("POST", clone, { newid: "102", hostname: "copy", description: "second" })).toBe("OK");
    const [one, two] = [101, 102].map((vmid) => simulator.state.guests[vmid]?.config);
    expect(two).toMatchObject({
      hostname: "copy",
      description: "second\n",
      rootfs: "local-zfs:subvol-102-disk-0,size=8G",
      mp0: "local-zfs:subvol-102-disk-1,mp=/data,size=1G",
    });
    expect(two?.["net0"]).not.toBe(one?.["net0"]);
    expect(two).not.toHaveProperty("lock");
    expect(one).not.toHaveProperty("lock");
    expect(textIn(simulator, 102, "/etc/hostname")).toBe("copy\n");
    expect(await logOf(simulator, "vzclone")).toContain(
      "create full clone of mountpoint rootfs (local-zfs:subvol-101-disk-0)",
    );
  });

  test("locks both meanwhile", async ({ simulator, run }) => {
    await run("POST", containers, grafana);
    await simulator.request("POST", clone, { newid: "102" });
    expect(simulator.state.guests[101]?.config["lock"]).toBe("disk");
    expect(simulator.state.guests[102]?.config["lock"]).toBe("create");
  });

  test("of a running container needs a snapshot", async ({ simulator, run }) => {
    await run("POST", containers, { ...grafana, start: "1" });
    await expect(simulator.request("POST", clone, { newid: "102" })).rejects.toMatchObject({
      message: "Full clone of a running container is only possible from a snapshot",
    });
    await run("POST", `${containers}/101/snapshot`, { snapname: "clean" });
    expect(await run("POST", clone, { newid: "102", snapname: "clean" })).toBe("OK");
    expect(simulator.state.guests[102]).toMatchObject({ status: "stopped", snapshots: {} });
  });

  test.for([
    [{ newid: "101" }, "CT 101 already exists on node 'pve-01'"],
    [{ newid: "102", snapname: "none" }, "snapshot 'none' does not exist"],
    [{ newid: "102", target: "pve-02" }, "can't clone CT to node 'pve-02' (CT uses local storage)"],
    [{ newid: "102", target: "pve-02", storage: "local-zfs" }, "can't clone to non-shared storage 'local-zfs'"],
    [{ newid: "102", target: "pve-09" }, "no such cluster node 'pve-09'"],
    [{ newid: "102", full: "0" }, "Linked clone feature for 'local-zfs:subvol-101-disk-0' is not available"],
    [{ newid: "102", full: "0", storage: "local-zfs" }, "parameter 'storage' not allowed for linked clones"],
  ] as const)("refuses %j", async ([parameters, message], { simulator, run }) => {
    await run("POST", containers, grafana);
    await expect(simulator.request("POST", clone, parameters)).rejects.toMatchObject({ status: 500, message });
    expect(Object.keys(simulator.state.guests)).toEqual(["101"]);
    expect(simulator.state.guests[101]?.config).not.toHaveProperty("lock");
  });
});

test("POST …/template makes bases that linked clones stand on", async ({ simulator, run, clock }) => {
  await run("POST", containers, grafana);
  expect(await simulator.request("POST", `${containers}/101/template`)).toBeNull();
  clock.advance(10);
  expect(simulator.state.guests[101]?.config).toMatchObject({
    template: "1",
    rootfs: "local-zfs:basevol-101-disk-0,size=8G",
  });
  expect(await run("POST", `${containers}/101/status/start`)).toBe("you can't start a CT if it's a template");
  expect(await run("POST", clone, { newid: "102" })).toBe("OK");
  expect(simulator.state.guests[102]?.config).toMatchObject({
    rootfs: "local-zfs:basevol-101-disk-0/subvol-102-disk-0,size=8G",
  });
  expect(simulator.state.guests[102]?.config).not.toHaveProperty("template");
  expect(await run("DELETE", `${containers}/101`)).toBe(
    "base volume 'basevol-101-disk-0' is still in use by linked clones",
  );
  expect(await run("DELETE", `${containers}/102`)).toBe("OK");
  expect(await run("DELETE", `${containers}/101`)).toBe("OK");
  expect(simulator.state.volumes["pve-01/local-zfs"]).toEqual({});
  await expect(simulator.request("POST", `${containers}/101/template`)).rejects.toMatchObject({ status: 500 });
});

describe("POST …/migrate", () => {
  const migrate = `${containers}/101/migrate`;

  test("takes a container to the other node, with its snapshots", async ({ simulator, run }) => {
    await run("POST", containers, grafana);
    await run("POST", `${containers}/101/snapshot`, { snapname: "clean" });
    expect(await simulator.request("GET", migrate)).toEqual({
      running: 0,
      "allowed-nodes": ["pve-02"],
      "not-allowed-nodes": {},
    });
    expect(await run("POST", migrate, { target: "pve-02" })).toBe("OK");
    expect(simulator.state.guests[101]).toMatchObject({ node: "pve-02", status: "stopped" });
    expect(simulator.state.guests[101]?.config).not.toHaveProperty("lock");
    expect(Object.keys(simulator.state.volumes["pve-01/local-zfs"] ?? {})).toEqual([]);
    expect(simulator.state.volumes["pve-02/local-zfs"]?.["subvol-101-disk-0"]?.snapshots).toHaveProperty("clean");
    expect(await logOf(simulator, "vzmigrate")).toContainEqual(
      expect.stringMatching(/ starting migration of CT 101 to node 'pve-02' \(10\.10\.0\.12\)$/),
    );
  });

  test("restarts a running one, and refuses it otherwise", async ({ simulator, run }) => {
    await run("POST", containers, { ...grafana, start: "1" });
    await expect(simulator.request("POST", migrate, { target: "pve-02" })).rejects.toMatchObject({
      message: "can't migrate running container without --online or --restart",
    });
    expect(await run("POST", migrate, { target: "pve-02", online: "1" })).toBe("migration aborted");
    expect(await logOf(simulator, "vzmigrate")).toContainEqual(
      expect.stringContaining("lxc live migration is currently not implemented"),
    );
    expect(await run("POST", migrate, { target: "pve-02", restart: "1" })).toBe("OK");
    expect(simulator.state.guests[101]).toMatchObject({ node: "pve-02", status: "running" });
  });

  test("needs its storages on the other node", async ({ simulator, run }) => {
    await simulator.request("POST", "/storage", {
      storage: "fast",
      type: "zfspool",
      pool: "rpool/data",
      nodes: "pve-01",
      content: "rootdir",
    });
    await run("POST", containers, { ...grafana, rootfs: "fast:2" });
    expect(await run("POST", migrate, { target: "pve-02" })).toBe("migration aborted");
    expect(await logOf(simulator, "vzmigrate")).toContainEqual(
      expect.stringContaining("storage 'fast' is not available on node 'pve-02'"),
    );
    expect(simulator.state.guests[101]).toMatchObject({ node: "pve-01" });
    expect(await run("POST", migrate, { target: "pve-02", "target-storage": "fast:local-zfs" })).toBe("OK");
    expect(simulator.state.guests[101]?.config["rootfs"]).toBe("local-zfs:subvol-101-disk-0,size=2G");
  });

  test("refuses its own node, and one that is not there", async ({ simulator, run }) => {
    await run("POST", containers, grafana);
    await expect(simulator.request("POST", migrate, { target: "pve-01" })).rejects.toMatchObject({
      status: 400,
      errors: { target: "target is local node." },
    });
    await expect(simulator.request("POST", migrate, { target: "pve-09" })).rejects.toMatchObject({
      message: "no such cluster node 'pve-09'",
    });
  });
});

describe("POST /nodes/{node}/lxc with restore=1", () => {
  const storage = { storage: "local-zfs" };

  async function backUp(run: (method: string, path: string, parameters?: Record<string, string>) => Promise<string>) {
    expect(await run("POST", "/nodes/pve-01/vzdump", { vmid: "101", storage: "local", compress: "zstd" })).toBe("OK");
  }

  test("brings a container back with all it had", async ({ simulator, run }) => {
    await run("POST", containers, { ...grafana, mp0: "local-zfs:2,mp=/data,backup=1", tags: "web", start: "1" });
    await backUp(run);
    await run("DELETE", `${containers}/101`, { force: "1" });
    const [volume] = await simulator.request<{ volid: string }[]>("GET", "/nodes/pve-01/storage/local/content", {
      content: "backup",
    });
    const ostemplate = volume?.volid ?? "";
    expect(await run("POST", containers, { ...storage, vmid: "105", ostemplate, restore: "1", unique: "1" })).toBe(
      "OK",
    );
    const restored = simulator.state.guests[105];
    expect(restored?.config).toMatchObject({
      hostname: "grafana",
      tags: "web",
      unprivileged: "1",
      rootfs: "local-zfs:subvol-105-disk-0,size=8G",
      mp0: "local-zfs:subvol-105-disk-1,mp=/data,backup=1,size=2G",
    });
    expect(restored?.status).toBe("stopped");
    expect(restored?.inside.packages).toHaveProperty("openssh-server");
    expect(await logOf(simulator, "vzrestore")).toContain(`recovering backed-up configuration from '${ostemplate}'`);
  });

  test("overwrites a stopped container by force only", async ({ simulator, run }) => {
    await run("POST", containers, { ...grafana, memory: "1024" });
    await backUp(run);
    const [volume] = await simulator.request<{ volid: string }[]>("GET", "/nodes/pve-01/storage/local/content", {
      content: "backup",
    });
    const restore = { ...storage, vmid: "101", ostemplate: volume?.volid ?? "", restore: "1" };
    await simulator.request("PUT", `${containers}/101/config`, { memory: "512", protection: "1" });
    for (const [parameters, message] of [
      [restore, "CT 101 already exists on node 'pve-01'"],
      [{ ...restore, force: "1" }, "unable to restore CT 101 - protection mode enabled"],
    ] as const) {
      await expect(simulator.request("POST", containers, parameters)).rejects.toMatchObject({ status: 500, message });
    }
    await simulator.request("PUT", `${containers}/101/config`, { protection: "0" });
    expect(await run("POST", containers, { ...restore, force: "1" })).toBe("OK");
    expect(simulator.state.guests[101]?.config).toMatchObject({
      memory: "1024",
      rootfs: "local-zfs:subvol-101-disk-1,size=8G",
    });
    expect(Object.keys(simulator.state.volumes["pve-01/local-zfs"] ?? {})).toEqual(["subvol-101-disk-1"]);
  });
});
