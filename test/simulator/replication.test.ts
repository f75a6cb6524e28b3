import { describe, expect } from "vitest";
import type { Simulator } from "@proxmox-homelab/simulator";
import { test } from "./simulator-test.ts";

type Run = (method: string, path: string, parameters?: Readonly<Record<string, string>>) => Promise<string>;

const jobs = "/cluster/replication";
const status = "/nodes/pve-01/replication";

async function createContainer(run: Run, more: Readonly<Record<string, string>> = {}): Promise<void> {
  const container = {
    vmid: "101",
    ostemplate: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
    rootfs: "local-zfs:8",
  };
  expect(await run("POST", "/nodes/pve-01/lxc", { ...container, ...more })).toBe("OK");
}

function volumes({ request }: Simulator, node: string): Promise<{ volid: string }[]> {
  return request("GET", `/nodes/${node}/storage/local-zfs/content`, { vmid: "101" });
}

describe("POST /cluster/replication", () => {
  test("makes a job that GET shows", async ({ simulator: { request }, run }) => {
    await createContainer(run);
    await request("POST", jobs, { id: "101-0", type: "local", target: "pve-02", schedule: "*/30", rate: "10.5" });
    const job = {
      id: "101-0",
      type: "local",
      guest: 101,
      jobnum: 0,
      source: "pve-01",
      target: "pve-02",
      schedule: "*/30",
      rate: 10.5,
    };
    expect(await request("GET", jobs)).toEqual([job]);
    expect(await request("GET", `${jobs}/101-0`)).toEqual({ ...job, digest: expect.any(String) as string });
  });

  test.for([
    [{ id: "102-0" }, "Guest '102' does not exist."],
    [{ target: "pve-03" }, "Target 'pve-03' does not exist."],
    [{ target: "pve-01" }, "Source and target must not be identical"],
    [{ source: "pve-02" }, "Source 'pve-02' does not match current node of guest '101' (pve-01)"],
    [{}, "replication job '101-0' already exists"],
    [{ id: "101-1" }, "replication job for guest '101' to target 'local/pve-02' already exists"],
  ] as const)("refuses %o", async ([parameters, message], { simulator: { request }, run }) => {
    await createContainer(run);
    const job = { id: "101-0", type: "local", target: "pve-02" };
    await request("POST", jobs, job);
    await expect(request("POST", jobs, { ...job, ...parameters })).rejects.toMatchObject({ status: 500, message });
  });

  test("refuses a guest whose disks can't be sent", async ({ simulator: { request }, run }) => {
    await request("PUT", "/storage/local", { content: "rootdir,vztmpl" });
    await createContainer(run, { rootfs: "local:8" });
    await expect(request("POST", jobs, { id: "101-0", type: "local", target: "pve-02" })).rejects.toMatchObject({
      status: 500,
      message: expect.stringMatching(/^missing replicate feature on volume 'local:101\/vm-101-disk-0/) as string,
    });
  });
});

describe("a job", () => {
  test("copies the volumes within a minute, and again by its schedule", async ({ simulator, run, clock }) => {
    const { request } = simulator;
    await createContainer(run);
    const now = Math.floor(clock.now().getTime() / 1000);
    await request("POST", jobs, { id: "101-0", type: "local", target: "pve-02" });
    expect(await volumes(simulator, "pve-02")).toEqual([]);
    clock.advance(60);
    expect(await volumes(simulator, "pve-02")).toMatchObject([{ volid: "local-zfs:subvol-101-disk-0" }]);
    expect(await request("GET", `${status}/101-0/status`)).toMatchObject({
      id: "101-0",
      vmtype: "lxc",
      fail_count: 0,
      last_sync: now + 60,
      next_sync: now + 900,
    });
    clock.advance(900);
    expect(await request("GET", status)).toMatchObject([{ last_sync: now + 900, next_sync: now + 1800 }]);
    const log = await request<{ n: number; t: string }[]>("GET", `${status}/101-0/log`);
    expect(log.map(({ t }) => t.slice(20))).toEqual([
      "101-0: start replication job",
      "101-0: guest => CT 101, running => 0",
      "101-0: volumes => local-zfs:subvol-101-disk-0",
      `101-0: create snapshot '__replicate_101-0_${now + 900}__' on local-zfs:subvol-101-disk-0`,
      `101-0: incremental sync 'local-zfs:subvol-101-disk-0' (__replicate_101-0_${now + 60}__ => __replicate_101-0_${now + 900}__)`,
      `101-0: delete previous replication snapshot '__replicate_101-0_${now + 60}__' on local-zfs:subvol-101-disk-0`,
      "101-0: end replication job",
    ]);
  });

  test("that fails says why, and waits longer", async ({ simulator, run, clock }) => {
    const { request } = simulator;
    await createContainer(run);
    await request("POST", jobs, { id: "101-0", type: "local", target: "pve-02" });
    await request("PUT", "/storage/local-zfs", { nodes: "pve-01" });
    const now = Math.floor(clock.now().getTime() / 1000);
    clock.advance(60);
    expect(await request("GET", `${status}/101-0/status`)).toMatchObject({
      fail_count: 1,
      error: "storage 'local-zfs' is not available on node 'pve-02'",
      last_sync: 0,
      next_sync: now + 60 + 300,
    });
    await request("PUT", "/storage/local-zfs", { delete: "nodes" });
    clock.advance(300);
    const mended = await request<object>("GET", `${status}/101-0/status`);
    expect(mended).toMatchObject({ fail_count: 0 });
    expect(mended).not.toHaveProperty("error");
  });

  test("runs at once after …/schedule_now", async ({ simulator: { request }, run, clock }) => {
    await createContainer(run);
    await request("POST", jobs, { id: "101-0", type: "local", target: "pve-02", schedule: "yearly" });
    clock.advance(60);
    const first = await request<{ last_sync: number }>("GET", `${status}/101-0/status`);
    clock.advance(600);
    await request("POST", `${status}/101-0/schedule_now`);
    clock.advance(60);
    expect(await request("GET", `${status}/101-0/status`)).toMatchObject({ last_sync: first.last_sync + 660 });
  });

  test("that is disabled has no status", async ({ simulator: { request }, run, clock }) => {
    await createContainer(run);
    await request("POST", jobs, { id: "101-0", type: "local", target: "pve-02", disable: "1" });
    clock.advance(3600);
    await expect(request("GET", `${status}/101-0/status`)).rejects.toMatchObject({
      status: 500,
      message: "no such replication job '101-0'",
    });
    expect(await request("GET", status)).toMatchObject([{ id: "101-0", disable: 1, last_sync: 0 }]);
  });
});

describe("DELETE /cluster/replication/{id}", () => {
  test("removes the job and the copies in the next minute", async ({ simulator, run, clock }) => {
    const { request } = simulator;
    await createContainer(run);
    await request("POST", jobs, { id: "101-0", type: "local", target: "pve-02" });
    clock.advance(60);
    await request("DELETE", `${jobs}/101-0`);
    expect(await request("GET", jobs)).toMatchObject([{ id: "101-0", remove_job: "full" }]);
    clock.advance(60);
    expect(await request("GET", jobs)).toEqual([]);
    expect(await volumes(simulator, "pve-02")).toEqual([]);
    expect(await volumes(simulator, "pve-01")).toHaveLength(1);
    expect(simulator.state.replications).toEqual({});
  });

  test("leaves the copies where it is told to, or forced", async ({ simulator, run, clock }) => {
    const { request } = simulator;
    await createContainer(run);
    await request("POST", jobs, { id: "101-0", type: "local", target: "pve-02" });
    clock.advance(60);
    await request("DELETE", `${jobs}/101-0`, { keep: "1" });
    clock.advance(60);
    expect(await volumes(simulator, "pve-02")).toHaveLength(1);
    await request("POST", jobs, { id: "101-0", type: "local", target: "pve-02" });
    await request("DELETE", `${jobs}/101-0`, { force: "1" });
    expect(await request("GET", jobs)).toEqual([]);
    await expect(request("DELETE", `${jobs}/101-0`)).rejects.toMatchObject({
      status: 500,
      message: "no such job '101-0'",
    });
  });
});

test("PUT /cluster/replication/{id} changes and deletes settings", async ({ simulator: { request }, run }) => {
  await createContainer(run);
  await request("POST", jobs, { id: "101-0", type: "local", target: "pve-02", comment: "old" });
  await request("PUT", `${jobs}/101-0`, { schedule: "hourly", delete: "comment" });
  const job = await request<object>("GET", `${jobs}/101-0`);
  expect(job).toMatchObject({ schedule: "hourly" });
  expect(job).not.toHaveProperty("comment");
  await expect(request("PUT", `${jobs}/101-0`, { delete: "target" })).rejects.toMatchObject({
    status: 500,
    message: "unable to delete fixed option 'target'",
  });
  await expect(request("GET", `${jobs}/102-0`)).rejects.toMatchObject({
    status: 500,
    message: "no such replication job '102-0'",
  });
});
