import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { killAtAll, pointsOf } from "./kill-points.ts";
import { KillableHomelab } from "./killed-run.ts";
import { differenceOf, whatIsThere } from "./what-is-there.ts";

// A run is killed with all that it has started, as kill -9 does, and npm run up has to go on from there.
/** Some points of each scenario; KILL_EVERY=1 takes all of them, which lasts three quarters of an hour. */
const every = Number(process.env["KILL_EVERY"] ?? 0);
const perChain = Number(process.env["KILL_CHAIN"] ?? 6);
const minutes = 60_000;

let homelab: KillableHomelab;

beforeAll(async () => {
  homelab = await KillableHomelab.create();
});

afterAll(async () => {
  await homelab.close();
});

const ordinary = {
  build: [
    "after POST /storage #1",
    "after POST /nodes/pve-01/disks/zfs #1",
    "after POST /nodes/pve-01/storage/homelab/download-url #1",
    "after POST /nodes/pve-02/lxc #1",
    "after POST /nodes/pve-02/qemu #1",
    "after POST /nodes/pve-02/qemu/30010/firewall/rules #5",
  ],
  change: [
    "after POST /nodes/pve-01/network #1",
    "after DELETE /nodes/pve-01/lxc/20021 #1",
    "after PUT /nodes/pve-02/qemu/30010/firewall/rules/5 #1",
  ],
};

/** Of each kind of request that updates, replaces and deletes make. */
function change(): void {
  const { project } = homelab;
  const edit = (file: string, from: string, to: string) => {
    project.edit(file, from, to);
  };
  edit("containers.yaml", "memory: 1 GiB", "memory: 2 GiB");
  edit("containers.yaml", "address: 10.20.0.21", "address: 10.20.0.23\n  vmid: 20023\n  disposable: true");
  edit("machines.yaml", "address: 10.40.0.11", "address: 10.40.0.14\n  vmid: 40014\n  disposable: true");
  edit("machines.yaml", "size: 100 GiB", "size: 120 GiB");
  edit("machines.yaml", "publish: [80, 443]", "publish: [443]");
  edit("backups.yaml", "200 MiB/s", "100 MiB/s");
  edit("backups.yaml", "sun 08:00", "sun 09:00");
  edit(
    "storage.yaml",
    "export: /volume1/proxmox\n  content: [backup]",
    "export: /volume1/proxmox\n  content: [backup, iso]",
  );
  const bridge = "vmbr0: { origin: installer, ports: [enp1s0], vlanAware: true }";
  edit("nodes.yaml", bridge, `${bridge}\n    vmbr1: { origin: create, ports: [enp2s0], vlanAware: true }`);
}

test("an engine that was killed takes the program with it", async () => {
  const restart = homelab.save();
  const { killed } = await homelab.upWithoutEngine((request) =>
    request === "POST /nodes/pve-02/qemu" ? "before" : undefined,
  );
  expect(killed).toBe("before POST /nodes/pve-02/qemu");
  const programs = () => homelab.processes().filter(({ command }) => command === "node");
  await expect.poll(programs, { timeout: 60_000, interval: 500 }).toEqual([]);
  // The plugins look after the engine by themselves, every five minutes.
  for (const { pid } of homelab.processes()) process.kill(pid, "SIGKILL");
  restart();
});

describe("a run that was killed", () => {
  test.each([
    { title: "while it built a homelab", points: ordinary.build, edit: () => undefined },
    { title: "while it changed one", points: ordinary.change, edit: change },
  ])("$title goes on, and makes nothing twice", { timeout: (every === 0 ? 10 : 120) * minutes }, async (scenario) => {
    scenario.edit();
    const restart = homelab.save();
    const requests: string[] = [];
    const uninterrupted = await homelab.up((request) => {
      requests.push(request);
      return undefined;
    });
    expect(uninterrupted).toMatchObject({ code: 0 });
    const expected = describeAll();
    const report = await killAtAll({
      ...{ homelab, restart, perChain },
      wanted: every === 0 ? scenario.points : pointsOf(requests).filter((_, index) => index % every === 0),
      log: every === 0 ? () => undefined : log,
      examine: async () => {
        const difference = differenceOf(expected, describeAll());
        if (difference !== "") return difference;
        const { code, output } = await homelab.previewFresh();
        return code === 0 ? undefined : output;
      },
    });
    log(`${report.tried} points in ${report.chains} chains`);
    expect(report).toMatchObject({ missed: [], problems: [] });
  });
});

function describeAll(): string {
  return `${whatIsThere(homelab.simulator.state)}\n${homelab.readState()}\n`;
}

function log(line: string): void {
  process.stdout.write(`${line}\n`);
}
