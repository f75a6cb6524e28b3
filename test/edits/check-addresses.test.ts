import { describe, expect, test } from "vitest";
import { noteRestarts } from "../../src/edits/note-restarts.ts";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { planHomelab } from "../../src/plan/plan.ts";
import { keepVmids } from "../../src/edits/keep-vmids.ts";
import { buildOf, refusalsOf, shipped } from "./edited-homelab.ts";

const container = ({ containers }: Inventory, name: string) => {
  const found = containers[name];
  if (found === undefined) throw new Error(`There is no ${name}.`);
  return found;
};
const swap = (inventory: Inventory) => {
  container(inventory, "grafana").address = "10.20.0.11";
  container(inventory, "prometheus").address = "10.20.0.10";
};

describe("an address that another guest has until the run has moved it", () => {
  test("is refused at both places if two guests swap theirs", () => {
    expect(refusalsOf(swap)).toEqual([
      {
        at: "containers.grafana.address",
        problem:
          "The container prometheus has the address 10.20.0.11 until this run has given it 10.20.0.10. For a moment both would have it, and for good if the run stops in between.",
        remedy:
          "Two runs: give grafana a free address first, or leave it as it is, and run npm run up; then give it 10.20.0.11.",
      },
      {
        at: "containers.prometheus.address",
        problem: expect.any(String) as string,
        remedy: expect.any(String) as string,
      },
    ]);
  });

  test("is refused for a guest that follows another one", () => {
    const edit = (inventory: Inventory) => {
      container(inventory, "grafana").address = "10.20.0.50";
      container(inventory, "prometheus").address = "10.20.0.10";
    };
    expect(refusalsOf(edit).map(({ at }) => at)).toEqual(["containers.prometheus.address"]);
  });

  test("is refused for a guest that takes the address of one that is deleted", () => {
    const edit = (inventory: Inventory) => {
      Reflect.deleteProperty(inventory.containers, "grafana");
      container(inventory, "prometheus").address = "10.20.0.10";
    };
    expect(refusalsOf(edit, { removed: new Set(["grafana"]) })).toMatchObject([
      { problem: expect.stringContaining("the address 10.20.0.10 until it is deleted") as string },
    ]);
  });

  test("but a free one is not", () => {
    expect(refusalsOf((inventory) => (container(inventory, "grafana").address = "10.20.0.50"))).toEqual([]);
  });
});

describe("the guests that a run restarts", () => {
  test.each<[string, (inventory: Inventory) => void, string[]]>([
    ["none", () => undefined, []],
    ["cores of a container", (inventory) => (container(inventory, "grafana").cores = 3), []],
    [
      "memory of a container",
      (inventory) => (container(inventory, "grafana").memory *= 2),
      ["1 guest restarts in this run: grafana (memory)."],
    ],
    [
      "its address and memory",
      (inventory) => Object.assign(container(inventory, "grafana"), { address: "10.20.0.50", memory: 2 ** 31 }),
      ["1 guest restarts in this run: grafana (address, memory)."],
    ],
    [
      "a VLAN: machines get it while they run",
      ({ networks }) => Object.assign(networks["internal"] ?? {}, { vlan: 21 }),
      [
        expect.stringMatching(
          /^5 guests restart in this run: grafana \(vlan\), influxdb \(vlan\), prometheus \(vlan\), traefik-internal-01 /,
        ) as string,
      ],
    ],
    [
      "a gateway",
      ({ networks }) => Object.assign(networks["internal"] ?? {}, { gateway: "10.20.0.254" }),
      [
        expect.stringMatching(
          /^7 guests restart in this run: gitlab \(gateway\), gitlab-runner \(gateway\), grafana .*\.$/,
        ) as string,
      ],
    ],
    [
      "a name server",
      ({ networks }) => Object.assign(networks["dmz"] ?? {}, { dns: ["10.30.0.1", "9.9.9.9"] }),
      ["1 guest restarts in this run: traefik-dmz (dns)."],
    ],
    [
      "cores and disk of a machine",
      ({ machines }) =>
        Object.assign(machines["gitlab"] ?? {}, { cores: 2, disk: { storage: "local-zfs", size: 40 * 2 ** 30 } }),
      ["1 guest restarts in this run: gitlab (cores, storage of scsi0)."],
    ],
  ])("%s", (_title, edit, notes) => {
    const built = buildOf(shipped);
    const inventory = structuredClone(shipped);
    edit(inventory);
    expect(noteRestarts(planHomelab(keepVmids(inventory, built)), built)).toEqual(notes);
  });

  test("what the state does not know is no reason", () => {
    const built = buildOf(shipped);
    const bare = { address: undefined, vlan: undefined, memoryMib: undefined, bridge: undefined };
    const unknown = {
      ...built,
      guests: built.guests.map((guest) => ({ ...guest, settings: { ...guest.settings, ...bare } })),
    };
    expect(noteRestarts(planHomelab(shipped), unknown)).toEqual([]);
  });
});
