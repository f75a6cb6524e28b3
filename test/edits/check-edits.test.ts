import { describe, expect, test } from "vitest";
import { keepVmids } from "../../src/edits/keep-vmids.ts";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { planHomelab } from "../../src/plan/plan.ts";
import { buildOf, existingOf, refusalsOf, shipped } from "./edited-homelab.ts";

const gib = 2 ** 30;
const container = (inventory: Inventory, name: string) => {
  const found = inventory.containers[name];
  if (found === undefined) throw new Error(`There is no container ${name}.`);
  return found;
};
const machine = (inventory: Inventory, name: string) => {
  const found = inventory.machines[name];
  if (found === undefined) throw new Error(`There is no machine ${name}.`);
  return found;
};

test("the homelab as it was built is refused nothing", () => {
  expect(refusalsOf(() => undefined)).toEqual([]);
});

describe("edits that are done in place are let through", () => {
  test.each<[string, (inventory: Inventory) => void]>([
    ["memory", (inventory) => (container(inventory, "grafana").memory = 4 * gib)],
    ["a larger root disk", (inventory) => (container(inventory, "grafana").disk.size = 12 * gib)],
    ["another address", (inventory) => (container(inventory, "grafana").address = "10.20.0.15")],
    ["another VLAN", (inventory) => Object.assign(inventory.networks["internal"] ?? {}, { vlan: 21 })],
    ["a larger disk of a machine", (inventory) => (machine(inventory, "gitlab").disk.size = 80 * gib)],
    ["a machine's disk on another storage", (inventory) => (machine(inventory, "gitlab").disk.storage = "local-zfs")],
    ["the VMID that a guest has, written out", (inventory) => (container(inventory, "grafana").vmid = 20010)],
  ])("%s", (_title, edit) => {
    expect(refusalsOf(edit)).toEqual([]);
  });
});

describe("edits for which the provider would delete the guest are refused at their line, with commands", () => {
  test.each<[string, (inventory: Inventory) => void, string, string, string]>([
    [
      "a container on another node",
      (inventory) => (container(inventory, "grafana").node = "pve-02"),
      "containers.grafana.node",
      "The container grafana is on pve-01.",
      "on pve-01: pct migrate 20010 pve-02 --restart 1",
    ],
    [
      "a machine on another node",
      (inventory) => (machine(inventory, "gitlab-runner").node = "pve-01"),
      "machines.gitlab-runner.node",
      "The machine gitlab-runner is on pve-02.",
      "*running*) qm shutdown 20031 --timeout 300;; esac && qm migrate 20031 pve-01",
    ],
    [
      "a root disk on another storage",
      (inventory) => (container(inventory, "grafana").disk.storage = "fast"),
      "containers.grafana.disk.storage",
      "The root disk of the container grafana is on local-zfs.",
      "*running*) pct shutdown 20010 && pct move-volume 20010 rootfs fast --delete 1; ended=$?; pct start 20010",
    ],
    [
      "a first volume",
      (inventory) => {
        const mp0 = { path: "/var/lib/grafana", storage: "local-zfs", size: 10 * gib, backup: true };
        container(inventory, "grafana").volumes = { mp0 };
      },
      "containers.grafana.volumes.mp0",
      "The container grafana has no volume at /var/lib/grafana yet.",
      "on pve-01: ! pct config 20010 | grep ^mp0: && pct set 20010 --mp0 local-zfs:10,mp=/var/lib/grafana,backup=1",
    ],
    [
      "a volume that grows",
      (inventory) => Object.assign(container(inventory, "prometheus").volumes["mp0"] ?? {}, { size: 96 * gib }),
      "containers.prometheus.volumes.mp0.size",
      "The volume /var/lib/prometheus of prometheus has 64 GiB.",
      "s/^\\(mp[0-9]*\\):.*/\\1/p')\" 96G",
    ],
    [
      "a volume on another storage",
      (inventory) => Object.assign(container(inventory, "prometheus").volumes["mp0"] ?? {}, { storage: "local-zfs" }),
      "containers.prometheus.volumes.mp0.storage",
      "The volume /var/lib/prometheus of prometheus is on fast.",
      "with a restart and a copy of 64 GiB",
    ],
    [
      "a volume that leaves the backups",
      (inventory) => Object.assign(container(inventory, "prometheus").volumes["mp0"] ?? {}, { backup: false }),
      "containers.prometheus.volumes.mp0.backup",
      "The volume /var/lib/prometheus of prometheus is in its backups.",
      "| sed 's/,backup=[01]//'),backup=0",
    ],
    [
      "the only volume removed",
      (inventory) => (container(inventory, "prometheus").volumes = {}),
      "containers.prometheus.volumes",
      "The container prometheus has a volume at /var/lib/prometheus (64 GiB on fast) that the inventory lacks.",
      "the volume is detached and kept as an unused disk, with its data",
    ],
    [
      "an unprivileged container made privileged",
      (inventory) => (container(inventory, "grafana").privileged = true),
      "containers.grafana.privileged",
      "The container grafana was created unprivileged",
      "Write privileged: false again.",
    ],
    [
      "a data disk of a machine removed",
      (inventory) => (machine(inventory, "gitlab").disks = {}),
      "machines.gitlab.disks",
      "The machine gitlab has a data disk scsi1 (200 GiB on fast) that the inventory lacks.",
      "the disk is detached and kept as an unused disk, with its data",
    ],
    [
      "another VMID",
      (inventory) => (container(inventory, "grafana").vmid = 4711),
      "containers.grafana.vmid",
      "was created with the VMID 20010",
      "Write vmid: 20010",
    ],
    [
      "a smaller root disk",
      (inventory) => (container(inventory, "grafana").disk.size = 6 * gib),
      "containers.grafana.disk.size",
      "The root disk of grafana has 8 GiB, and Proxmox VE makes no disk smaller.",
      "Write 8 GiB again.",
    ],
    [
      "a smaller data disk",
      (inventory) => Object.assign(machine(inventory, "gitlab").disks["scsi1"] ?? {}, { size: 150 * gib }),
      "machines.gitlab.disks.scsi1.size",
      "The disk scsi1 of gitlab has 200 GiB",
      "Write 200 GiB again.",
    ],
  ])("%s", (_title, edit, at, problem, remedy) => {
    expect(refusalsOf(edit)).toEqual([
      { at, problem: expect.stringContaining(problem) as string, remedy: expect.stringContaining(remedy) as string },
    ]);
  });

  test("but not if the guest is disposable", () => {
    const edit = (inventory: Inventory) => {
      Object.assign(container(inventory, "grafana"), {
        ...{ disposable: true, node: "pve-02", privileged: true, vmid: 4711 },
      });
    };
    expect(refusalsOf(edit)).toEqual([]);
  });
});

describe("a guest that leaves the inventory", () => {
  const remove = (inventory: Inventory) => Reflect.deleteProperty(inventory.containers, "grafana");

  test("is refused with what would go, and the option that lets it go", () => {
    expect(refusalsOf(remove)).toEqual([
      {
        at: "containers.grafana",
        problem:
          "The container grafana is not in the inventory any more, and would be deleted: VMID 20010 on pve-01, root disk 8 GiB on local-zfs.",
        remedy: expect.stringContaining("npm run up -- --remove grafana") as string,
      },
    ]);
  });

  test("may go if it is named, and nothing else may", () => {
    expect(refusalsOf(remove, { removed: new Set(["grafana"]) })).toEqual([]);
    const both = (inventory: Inventory) =>
      remove(inventory) && Reflect.deleteProperty(inventory.containers, "influxdb");
    expect(refusalsOf(both, { removed: new Set(["grafana"]) }).map(({ at }) => at)).toEqual(["containers.influxdb"]);
  });

  test("cannot be named while it is in the inventory, nor if there never was such a guest", () => {
    expect(refusalsOf(() => undefined, { removed: new Set(["grafana", "nothing"]) })).toMatchObject([
      { problem: "--remove names grafana, and grafana is in the inventory." },
      { problem: "--remove names nothing, and the stack has created no guest of that name." },
    ]);
  });

  describe("and comes back under another name with its VMID", () => {
    const rename = (inventory: Inventory) => {
      inventory.containers["dashboards"] = container(inventory, "grafana");
      remove(inventory);
    };

    test("is the same guest: nothing is refused", () => {
      expect(refusalsOf(rename)).toEqual([]);
    });

    test("cannot be removed by its former name in the same run", () => {
      expect(refusalsOf(rename, { removed: new Set(["grafana"]) })).toMatchObject([
        {
          at: "containers.dashboards",
          problem: expect.stringContaining("dashboards is grafana with all of its data under another name") as string,
        },
      ]);
    });

    test("is judged by what it has: a smaller disk is refused", () => {
      const shrink = (inventory: Inventory) => {
        rename(inventory);
        container(inventory, "dashboards").disk.size = 6 * gib;
      };
      expect(refusalsOf(shrink).map(({ at }) => at)).toEqual(["containers.dashboards.disk.size"]);
    });

    test("but with another address, too, is refused: nothing says that it is the same guest", () => {
      const move = (inventory: Inventory) => {
        rename(inventory);
        container(inventory, "dashboards").address = "10.20.0.15";
      };
      expect(refusalsOf(move).map(({ at }) => at)).toEqual(["containers.grafana"]);
    });

    test("as a machine is another guest, and refused", () => {
      const turn = (inventory: Inventory) => {
        inventory.machines["dashboards"] = {
          ...machine(inventory, "gitlab-runner"),
          vmid: 20010,
          address: "10.20.0.10",
        };
        remove(inventory);
      };
      expect(refusalsOf(turn).map(({ at }) => at)).toEqual(["machines.dashboards.vmid", "containers.grafana"]);
    });
  });
});

describe("a VMID", () => {
  const stranger = { vmid: 20099, node: "pve-02", name: "mothers-photos", type: "lxc", maxmem: 0, tags: "" } as const;
  const add = (inventory: Inventory) => {
    inventory.containers["new"] = { ...structuredClone(container(inventory, "grafana")), address: "10.20.0.99" };
  };
  const built = buildOf(shipped);

  test("is kept when address, VLAN and network change, and everything that follows from it stays", () => {
    const edited = structuredClone(shipped);
    container(edited, "grafana").address = "10.20.0.15";
    Object.assign(edited.networks["internal"] ?? {}, { vlan: 21 });
    const before = planHomelab(shipped);
    const after = planHomelab(keepVmids(edited, built));
    expect(after.containers.map(({ vmid }) => vmid)).toEqual(before.containers.map(({ vmid }) => vmid));
    expect(after.backups).toEqual(before.backups);
    expect(after.steps.map(({ place }) => place)).toEqual(before.steps.map(({ place }) => place));
  });

  test("of a new guest that belongs to a stranger is refused with the stranger's name and node", () => {
    expect(refusalsOf(add, { existing: [...existingOf(built), stranger] })).toMatchObject([
      { at: "containers.new.address", problem: expect.stringContaining("mothers-photos on pve-02") as string },
    ]);
    expect(refusalsOf(add, { existing: existingOf(built) })).toEqual([]);
  });

  test("of a new guest that is there with our tag leads to adopt", () => {
    const own = { ...stranger, name: "new", tags: "homelab" };
    expect(refusalsOf(add, { existing: [...existingOf(built), own] })).toMatchObject([
      { remedy: expect.stringContaining("npm run adopt") as string },
    ]);
  });

  test("that a stranger has got in the meantime is recognised: nothing is done there", () => {
    const recycled = existingOf(built).map((guest) =>
      guest.vmid === 20021 ? { ...guest, name: "mothers-photos", tags: "" } : guest,
    );
    expect(refusalsOf(() => undefined, { existing: recycled })).toMatchObject([
      {
        at: "containers.traefik-internal-01",
        problem: expect.stringContaining("Now it is the container mothers-photos on pve-01") as string,
      },
    ]);
    const otherKind = existingOf(built).map((guest) =>
      guest.vmid === 20021 ? { ...guest, type: "qemu" as const } : guest,
    );
    expect(refusalsOf(() => undefined, { existing: otherKind })).toHaveLength(1);
  });

  test("that a stranger has got is not deleted with our entry, even if the entry's guest is named", () => {
    const recycled = existingOf(built).map((guest) =>
      guest.vmid === 20010 ? { ...guest, name: "mothers-photos", tags: "" } : guest,
    );
    const remove = (inventory: Inventory) => Reflect.deleteProperty(inventory.containers, "grafana");
    expect(refusalsOf(remove, { existing: recycled, removed: new Set(["grafana"]) })).toMatchObject([
      {
        at: "containers.grafana",
        problem: expect.stringContaining("Now it is the container mothers-photos on pve-01") as string,
      },
    ]);
  });

  test("of a guest that was renamed by hand on the server is still ours, by its tag", () => {
    const renamed = existingOf(built).map((guest) => (guest.vmid === 20021 ? { ...guest, name: "proxy" } : guest));
    expect(refusalsOf(() => undefined, { existing: renamed })).toEqual([]);
  });

  test("of a guest that was deleted by hand is free for it again", () => {
    const lost = existingOf(built).filter(({ vmid }) => vmid !== 20021);
    expect(refusalsOf(() => undefined, { existing: lost })).toEqual([]);
  });
});
