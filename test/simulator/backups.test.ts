import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import { describe, expect, onTestFinished } from "vitest";
import { markBackups, parseRetention } from "../../simulator/src/backup/retention.ts";
import { ManualClock } from "../../simulator/src/clock.ts";
import { containers, grafana } from "./container-requests.ts";
import { test } from "./simulator-test.ts";

const day = 86_400;
const container = {
  vmid: "101",
  hostname: "grafana",
  ostemplate: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
  rootfs: "local-zfs:8",
  mp0: "local-zfs:4,mp=/var/lib/grafana,backup=1",
  mp1: "local-zfs:4,mp=/scratch",
};
const nightly = {
  id: "nightly",
  all: "1",
  schedule: "02:30",
  storage: "local",
  "prune-backups": "keep-last=3",
  mode: "snapshot",
  compress: "zstd",
};

interface Backup {
  readonly volid: string;
  readonly ctime: number;
  readonly notes?: string;
}

function backups(simulator: Simulator): Promise<Backup[]> {
  return simulator.request("GET", "/nodes/pve-01/storage/local/content?content=backup");
}

describe("POST /nodes/{node}/vzdump", () => {
  test("leaves a backup with notes, and the guest unlocked", async ({ simulator, run }) => {
    await run("POST", "/nodes/pve-01/lxc", container);
    const parameters = {
      vmid: "101",
      storage: "local",
      compress: "zstd",
      "notes-template": "{{guestname}} on {{node}}",
    };
    expect(await run("POST", "/nodes/pve-01/vzdump", parameters)).toBe("OK");
    expect(await backups(simulator)).toEqual([
      {
        volid: expect.stringMatching(/^local:backup\/vzdump-lxc-101-2026_01_01-\d\d_\d\d_\d\d\.tar\.zst$/) as string,
        content: "backup",
        subtype: "lxc",
        format: "tar.zst",
        ctime: expect.any(Number) as number,
        size: expect.any(Number) as number,
        vmid: 101,
        notes: "grafana on pve-01",
      },
    ]);
    expect(await simulator.request("GET", "/nodes/pve-01/lxc/101/config")).not.toHaveProperty("lock");
  });

  test("locks the guest while it is copied, and says what it takes", async ({ simulator, run, clock }) => {
    await run("POST", "/nodes/pve-01/lxc", container);
    const upid = await simulator.request<string>("POST", "/nodes/pve-01/vzdump", { vmid: "101", storage: "local" });
    clock.advance(2);
    await expect(simulator.request("PUT", "/nodes/pve-01/lxc/101/config", { cores: "2" })).rejects.toMatchObject({
      message: "CT is locked (backup)",
    });
    clock.advance(60);
    const log = await simulator.request<{ t: string }[]>("GET", `/nodes/pve-01/tasks/${upid}/log`);
    expect(log.map(({ t }) => t)).toEqual(
      expect.arrayContaining([
        "INFO: Starting Backup of VM 101 (lxc)",
        "INFO: including mount point mp0 ('local-zfs:subvol-101-disk-1') in backup",
        "INFO: excluding mount point mp1 ('local-zfs:subvol-101-disk-2') from backup (disabled)",
        "INFO: Backup job finished successfully",
        "TASK OK",
      ]),
    );
  });

  test("a guest that is locked fails the job, the others are backed up", async ({ simulator, run }) => {
    await run("POST", "/nodes/pve-01/lxc", container);
    await run("POST", "/nodes/pve-01/lxc", { ...container, vmid: "102" });
    simulator.change(({ guests }) => {
      Object.assign(guests[101]?.config ?? {}, { lock: "migrate" });
    });
    expect(await run("POST", "/nodes/pve-01/vzdump", { all: "1", storage: "local" })).toBe("job errors");
    expect(await backups(simulator)).toMatchObject([{ vmid: 102 }]);
  });

  test.for([
    [{ storage: "local" }, { errors: { vmid: "property is missing and it is not optional" } }],
    [{ all: "1", vmid: "101" }, { errors: { vmid: "option conflicts with option 'all'" } }],
    [{ all: "1", storage: "local-zfs" }, { message: "storage 'local-zfs' does not support 'backup'" }],
  ] as const)("refuses %j", async ([parameters, refusal], { simulator, run }) => {
    await run("POST", "/nodes/pve-01/lxc", container);
    await expect(simulator.request("POST", "/nodes/pve-01/vzdump", parameters)).rejects.toMatchObject(refusal);
  });
});

describe("backup jobs", () => {
  test("run when the clock passes their schedule, in the node's own time, and keep what they shall", async ({
    simulator,
    run,
    clock,
  }) => {
    await run("POST", "/nodes/pve-01/lxc", container);
    await simulator.request("POST", "/cluster/backup", nightly);
    const [job] = await simulator.request<{ "next-run": number }[]>("GET", "/cluster/backup");
    expect(new Date((job?.["next-run"] ?? 0) * 1000).toISOString()).toBe("2026-01-01T01:30:00.000Z");
    clock.advance(5 * day);
    const kept = await backups(simulator);
    expect(
      kept.map(({ volid }) => volid.slice("local:backup/vzdump-lxc-101-".length, -"-00_00_00.tar.zst".length)),
    ).toEqual(["2026_01_03", "2026_01_04", "2026_01_05"]);
  });

  test("of the same minute all run", async ({ simulator, run, clock }) => {
    await run("POST", "/nodes/pve-01/lxc", container);
    await run("POST", "/nodes/pve-02/lxc", { ...container, vmid: "102" });
    const { all, ...job } = nightly;
    await simulator.request("POST", "/cluster/backup", { ...job, id: "one", vmid: "101" });
    await simulator.request("POST", "/cluster/backup", { ...job, id: "two", vmid: "102" });
    clock.advance(day);
    const tasks = Object.values(simulator.state.tasks).filter(({ type }) => type === "vzdump");
    expect(tasks.map(({ id, exitstatus }) => [id, exitstatus])).toEqual([
      ["101", "OK"],
      ["102", "OK"],
    ]);
    expect(all).toBe("1");
  });

  test("that are switched off do not run; a changed schedule counts from then on", async ({
    simulator,
    run,
    clock,
  }) => {
    await run("POST", "/nodes/pve-01/lxc", container);
    await simulator.request("POST", "/cluster/backup", { ...nightly, enabled: "0" });
    clock.advance(2 * day);
    expect(await backups(simulator)).toEqual([]);
    await simulator.request("PUT", "/cluster/backup/nightly", { enabled: "1", schedule: "hourly" });
    clock.advance(3700);
    expect(await backups(simulator)).toHaveLength(1);
  });

  test("GET /cluster/backup/{id}/included_volumes and not-backed-up tell what is covered", async ({
    simulator,
    run,
  }) => {
    await run("POST", "/nodes/pve-01/lxc", container);
    await run("POST", "/nodes/pve-01/lxc", { ...container, vmid: "102", hostname: "prometheus" });
    await simulator.request("POST", "/cluster/backup", { ...nightly, exclude: "102" });
    expect(await simulator.request("GET", "/cluster/backup/nightly/included_volumes")).toEqual({
      children: [
        {
          id: 101,
          name: "grafana",
          type: "lxc",
          children: [
            { id: "rootfs", name: "local-zfs:subvol-101-disk-0", included: true, reason: "rootfs" },
            { id: "mp0", name: "local-zfs:subvol-101-disk-1", included: true, reason: "enabled" },
            { id: "mp1", name: "local-zfs:subvol-101-disk-2", included: false, reason: "disabled" },
          ],
        },
      ],
    });
    expect(await simulator.request("GET", "/cluster/backup-info/not-backed-up")).toEqual([
      { vmid: 102, type: "lxc", name: "prometheus" },
    ]);
  });

  test.for([
    [
      "POST",
      "/cluster/backup",
      { ...nightly, schedule: "25:00" },
      { errors: { schedule: /^invalid format - invalid calendar event '25:00'/ } },
    ],
    [
      "POST",
      "/cluster/backup",
      { ...nightly, vmid: "101" },
      { errors: { vmid: "option conflicts with option 'all'" } },
    ],
    ["POST", "/cluster/backup", { ...nightly, storage: "nas" }, { message: "storage 'nas' does not exist" }],
    ["GET", "/cluster/backup/daily", {}, { message: "No such job 'daily'" }],
  ] as const)("%s %s %j is refused", async ([method, path, parameters, refusal], { simulator }) => {
    await expect(simulator.request(method, path, { ...parameters })).rejects.toMatchObject(refusal);
  });
});

describe("pruning", () => {
  const zone = "UTC";
  const start = Date.UTC(2026, 0, 1) / 1000;

  test("keeps the newest of each period, as the documentation's example has it", () => {
    const daily = Array.from({ length: 60 }, (_, index) => ({ created: start + index * day }));
    const marked = markBackups(daily, parseRetention("keep-last=3,keep-daily=13,keep-yearly=9"), zone);
    const kept = marked.filter(({ mark }) => mark === "keep").map(({ backup }) => (backup.created - start) / day);
    // Three last ones, thirteen days before them, and nothing else: their year is settled.
    expect(kept).toEqual(Array.from({ length: 16 }, (_, index) => 44 + index));
  });

  test("keep-weekly and keep-monthly go on where keep-daily ends", () => {
    const daily = Array.from({ length: 90 }, (_, index) => ({ created: start + index * day }));
    const marked = markBackups(daily, parseRetention("keep-daily=2,keep-weekly=2,keep-monthly=1"), zone);
    const kept = marked
      .filter(({ mark }) => mark === "keep")
      .map(({ backup }) => new Date(backup.created * 1000).toISOString().slice(0, 10));
    expect(kept).toEqual(["2026-02-28", "2026-03-22", "2026-03-29", "2026-03-30", "2026-03-31"]);
  });

  test("never removes what is protected, nor more than it must", () => {
    const count = fc.integer({ min: 0, max: 5 });
    const backup = fc.record({ created: fc.integer({ min: start, max: start + 500 * day }), protected: fc.boolean() });
    fc.assert(
      fc.property(fc.array(backup, { maxLength: 40 }), count, count, count, (made, last, daily, weekly) => {
        const retention = parseRetention(`keep-last=${last},keep-daily=${daily},keep-weekly=${weekly}`);
        const marked = markBackups(made, retention, zone);
        expect(marked.filter(({ backup: { protected: kept } }) => kept).every(({ mark }) => mark === "protected")).toBe(
          true,
        );
        const free = marked.filter(({ backup: { protected: kept } }) => !kept);
        const kept = free.filter(({ mark }) => mark === "keep");
        if (last + daily + weekly === 0) expect(kept).toHaveLength(free.length);
        else {
          expect(kept.length).toBeLessThanOrEqual(last + daily + weekly);
          expect(kept.length).toBeGreaterThanOrEqual(Math.min(last, free.length));
        }
      }),
    );
  });

  test("GET …/prunebackups tells, DELETE does", async ({ simulator, run }) => {
    await run("POST", "/nodes/pve-01/lxc", container);
    for (let index = 0; index < 3; index++)
      await run("POST", "/nodes/pve-01/vzdump", { vmid: "101", storage: "local" });
    const path = "/nodes/pve-01/storage/local/prunebackups";
    const marks = await simulator.request<{ mark: string }[]>("GET", path, { "prune-backups": "keep-last=1" });
    expect(marks.map(({ mark }) => mark)).toEqual(["remove", "remove", "keep"]);
    expect(await run("DELETE", path, { "prune-backups": "keep-last=1" })).toBe("OK");
    expect(await backups(simulator)).toHaveLength(1);
  });
});

describe("a full storage", () => {
  test("POST /nodes/{node}/vzdump fails there, and leaves no archive", async ({ simulator, run }) => {
    await simulator.request("POST", "/storage", { storage: "nas", type: "nfs", server: "10.10.0.20", export: "/v" });
    await simulator.request("PUT", "/storage/nas", { content: "backup" });
    expect(await run("POST", containers, grafana)).toBe("OK");
    simulator.change(({ storages: { nas } }) => {
      if (nas !== undefined) nas.size = 2 ** 20;
    });
    expect(await run("POST", "/nodes/pve-01/vzdump", { vmid: "101", storage: "nas" })).toBe("job errors");
    const task = Object.values(simulator.state.tasks).at(-1);
    expect(task?.log.join("\n")).toMatch(
      /No space left on device\n.*Backup of VM 101 failed - command .* failed: exit code 70/,
    );
    expect(await simulator.request("GET", "/nodes/pve-01/storage/nas/content")).toEqual([]);
    expect(await simulator.request("GET", `${containers}/101/config`)).not.toHaveProperty("lock");
  });
});

describe("repeat-missed of POST /cluster/backup", () => {
  test.for([
    ["1", 1],
    ["0", 0],
  ] as const)("=%s: a run that was missed while nobody was there is made up for %i times", async ([repeat, runs]) => {
    const stateFolder = mkdtempSync(join(tmpdir(), "simulator-missed-"));
    onTestFinished(() => {
      rmSync(stateFolder, { recursive: true, force: true });
    });
    const first = new ManualClock(new Date("2026-03-01T00:00:00Z"));
    const before = await startSimulator({ stateFolder, clock: first });
    await before.request("POST", "/nodes/pve-01/lxc", grafana);
    first.advance(600);
    const job = { id: "daily", schedule: "04:00", vmid: "101", storage: "local", "repeat-missed": repeat };
    await before.request("POST", "/cluster/backup", job);
    await before.close();
    const second = new ManualClock(new Date("2026-03-01T09:00:00Z"));
    const after = await startSimulator({ stateFolder, clock: second });
    second.advance(600);
    const backups = Object.values(after.state.tasks).filter(({ type }) => type === "vzdump");
    await after.close();
    expect(backups).toHaveLength(runs);
  });
});
