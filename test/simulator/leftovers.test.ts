import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator } from "@proxmox-homelab/simulator";
import { describe, expect, onTestFinished } from "vitest";
import { ManualClock } from "../../simulator/src/clock.ts";
import { containers, grafana } from "./container-requests.ts";
import { test } from "./simulator-test.ts";

describe("DELETE /storage/{storage}", () => {
  test("takes the permissions on it along, and no others", async ({ simulator }) => {
    await simulator.request("POST", "/storage", { storage: "nas", type: "dir", path: "/nas" });
    await simulator.request("POST", "/access/users", { userid: "anna@pve" });
    for (const path of ["/storage/nas", "/storage/local", "/storage"]) {
      await simulator.request("PUT", "/access/acl", { path, users: "anna@pve", roles: "PVEDatastoreUser" });
    }
    await simulator.request("DELETE", "/storage/nas");
    expect(simulator.state.access.acl.map(({ path }) => path).sort()).toEqual(["/storage", "/storage/local"]);
  });
});

describe("GET /nodes/{node}/lxc/{vmid}/config", () => {
  test("passes over lines of LXC with keys that Proxmox does not know", async ({ simulator, run }) => {
    expect(await run("POST", containers, grafana)).toBe("OK");
    simulator.change(({ guests: { 101: guest } }) => {
      if (guest === undefined) return;
      guest.config["lxc"] = [
        "lxc.cgroup2.devices.allow: c 10:200 rwm",
        "lxc.mount.entry: /dev/net dev/net none bind",
        "lxc.rootfs.path: /elsewhere",
        "lxc.unknown: 1",
      ].join("\n");
    });
    expect(await simulator.request("GET", `${containers}/101/config`)).toMatchObject({
      lxc: [
        ["lxc.cgroup2.devices.allow", "c 10:200 rwm"],
        ["lxc.mount.entry", "/dev/net dev/net none bind"],
      ],
    });
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
