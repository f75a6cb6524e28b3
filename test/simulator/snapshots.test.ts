import { describe, expect } from "vitest";
import type { Simulator } from "@proxmox-homelab/simulator";
import { containers, grafana } from "./container-requests.ts";
import { test } from "./simulator-test.ts";

const snapshots = `${containers}/101/snapshot`;

function list(simulator: Simulator): Promise<object[]> {
  return simulator.request("GET", snapshots);
}

describe("POST …/snapshot", () => {
  test("keeps the configuration, and stands on the one before", async ({ simulator, run, clock }) => {
    await run("POST", containers, grafana);
    const now = clock.now().getTime() / 1000;
    expect(await run("POST", snapshots, { snapname: "clean", description: "as it was made" })).toBe("OK");
    expect(await run("POST", snapshots, { snapname: "later" })).toBe("OK");
    expect(await list(simulator)).toEqual([
      { name: "clean", snaptime: now, description: "as it was made" },
      { name: "later", snaptime: now + 3600, description: "", parent: "clean" },
      {
        name: "current",
        description: "You are here!",
        digest: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
        running: 0,
        parent: "later",
      },
    ]);
    expect(await simulator.request("GET", `${snapshots}/later/config`)).toMatchObject({
      hostname: "grafana",
      memory: 512,
      rootfs: "local-zfs:subvol-101-disk-0,size=8G",
      parent: "clean",
      snaptime: now + 3600,
    });
    expect(await simulator.request("GET", `${containers}/101/config`, { snapshot: "clean" })).toMatchObject({
      description: "as it was made",
    });
  });

  test("locks the container meanwhile", async ({ simulator, run, clock }) => {
    await run("POST", containers, grafana);
    await simulator.request("POST", snapshots, { snapname: "clean" });
    clock.advance(1);
    expect(await list(simulator)).toMatchObject([{ name: "clean", snapstate: "prepare" }, { name: "current" }]);
    await expect(simulator.request("PUT", `${containers}/101/config`, { cores: "1" })).rejects.toMatchObject({
      message: "CT is locked (snapshot)",
    });
    clock.advance(10);
    await simulator.request("PUT", `${containers}/101/config`, { cores: "1" });
  });

  test("fails for a name that is taken, and for what can't be snapshot", async ({ simulator, run }) => {
    await run("POST", containers, grafana);
    await run("POST", snapshots, { snapname: "clean" });
    expect(await run("POST", snapshots, { snapname: "clean" })).toBe("snapshot name 'clean' already used");
    await expect(simulator.request("POST", snapshots, { snapname: "current" })).rejects.toMatchObject({
      message: "unable to use snapshot name 'current' (reserved name)",
    });
    await simulator.request("POST", "/storage", {
      storage: "files",
      type: "dir",
      path: "/srv/files",
      content: "rootdir",
    });
    await simulator.request("PUT", `${containers}/101/config`, { mp0: "files:1,mp=/data" });
    expect(await run("POST", snapshots, { snapname: "second" })).toBe("snapshot feature is not available");
    expect(await list(simulator)).toHaveLength(2);
    expect(await simulator.request("GET", `${containers}/101/feature`, { feature: "snapshot" })).toEqual({
      hasFeature: 0,
    });
  });
});

describe("POST …/snapshot/{snapname}/rollback", () => {
  test("brings back configuration, sizes and files", async ({ simulator, run }) => {
    await run("POST", containers, { ...grafana, start: "1" });
    await run("POST", snapshots, { snapname: "clean" });
    await run("PUT", `${containers}/101/resize`, { disk: "rootfs", size: "+2G" });
    await simulator.request("PUT", `${containers}/101/config`, { memory: "2048", mp0: "local-zfs:1,mp=/data" });
    expect(await run("POST", `${snapshots}/clean/rollback`)).toBe("OK");
    expect(await simulator.request("GET", `${containers}/101/config`)).toMatchObject({
      memory: 512,
      rootfs: "local-zfs:subvol-101-disk-0,size=8G",
      unused0: "local-zfs:subvol-101-disk-1",
      parent: "clean",
    });
    expect(simulator.state.volumes["pve-01/local-zfs"]?.["subvol-101-disk-0"]?.size).toBe(8 * 2 ** 30);
    expect(simulator.state.guests[101]?.status).toBe("stopped");
    expect(await run("POST", `${snapshots}/clean/rollback`, { start: "1" })).toBe("OK");
    expect(simulator.state.guests[101]?.status).toBe("running");
  });

  test("goes to the latest one only, on ZFS", async ({ run }) => {
    await run("POST", containers, grafana);
    await run("POST", snapshots, { snapname: "one" });
    await run("POST", snapshots, { snapname: "two" });
    expect(await run("POST", `${snapshots}/one/rollback`)).toBe(
      "can't rollback, 'one' is not most recent snapshot on 'local-zfs:subvol-101-disk-0'",
    );
    expect(await run("POST", `${snapshots}/three/rollback`)).toBe("snapshot 'three' does not exist");
  });
});

describe("DELETE …/snapshot/{snapname}", () => {
  test("takes it out of the chain", async ({ simulator, run }) => {
    await run("POST", containers, grafana);
    for (const snapname of ["one", "two", "three"]) await run("POST", snapshots, { snapname });
    expect(await run("DELETE", `${snapshots}/two`)).toBe("OK");
    expect(await list(simulator)).toMatchObject([
      { name: "one" },
      { name: "three", parent: "one" },
      { name: "current", parent: "three" },
    ]);
    await run("DELETE", `${snapshots}/three`);
    await run("DELETE", `${snapshots}/one`);
    const [current] = await list(simulator);
    expect(current).not.toHaveProperty("parent");
    expect(await run("DELETE", `${snapshots}/one`)).toBe("snapshot 'one' does not exist");
    expect(simulator.state.volumes["pve-01/local-zfs"]?.["subvol-101-disk-0"]?.snapshots).toEqual({});
  });

  test("keeps a volume as unused that only the snapshot used", async ({ simulator, run }) => {
    await run("POST", containers, { ...grafana, mp0: "local-zfs:1,mp=/data" });
    await run("POST", snapshots, { snapname: "one" });
    await simulator.request("PUT", `${containers}/101/config`, { delete: "mp0" });
    await simulator.request("PUT", `${containers}/101/config`, { delete: "unused0" });
    expect(Object.keys(simulator.state.volumes["pve-01/local-zfs"] ?? {})).toHaveLength(2);
    expect(await run("DELETE", `${snapshots}/one`)).toBe("OK");
    expect(simulator.state.guests[101]?.config["unused0"]).toBe("local-zfs:subvol-101-disk-1");
  });
});

test("PUT …/snapshot/{snapname}/config changes the description", async ({ simulator, run }) => {
  await run("POST", containers, grafana);
  await run("POST", snapshots, { snapname: "clean" });
  await simulator.request("PUT", `${snapshots}/clean/config`, { description: "before the update" });
  expect(await list(simulator)).toMatchObject([{ description: "before the update" }, {}]);
  await expect(simulator.request("PUT", `${snapshots}/none/config`, { description: "x" })).rejects.toMatchObject({
    message: "snapshot 'none' does not exist",
  });
});
