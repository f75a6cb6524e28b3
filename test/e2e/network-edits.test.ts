import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { buildSmallHomelab, type SmallHomelab } from "./small-homelab.ts";
import "./skip-checkpoints.ts";

// Edits of networks: guests and their disks stay, and a run says before which of them restart.
let lab: SmallHomelab;
let built: SmallHomelab["simulator"]["state"];

beforeAll(async () => {
  lab = await buildSmallHomelab();
  built = lab.simulator.state;
});

afterEach(() => lab.restore());

afterAll(() => lab.close());

describe("is done in place, and exactly the guests that the run has named restart", () => {
  test.each([
    {
      title: "another VLAN: a machine gets it while it runs",
      edit: [["networks", "vlan: 20", "vlan: 21"]],
      says: "2 guests restart in this run: cache (vlan), web (vlan).",
      is: { 20010: "tag=21", 20030: "tag=21" },
    },
    {
      title: "another gateway and name server",
      edit: [["networks", "gateway: 10.20.0.1, dns: [10.20.0.1]", "gateway: 10.20.0.254, dns: [9.9.9.9]"]],
      says: "3 guests restart in this run: build (gateway, dns), cache (gateway, dns), web (gateway, dns).",
      is: { 20010: "gw=10.20.0.254", 20030: "gw=10.20.0.254" },
    },
    {
      title: "another subnet with all addresses in it",
      edit: [
        [
          "networks",
          "subnet: 10.20.0.0/24, gateway: 10.20.0.1, dns: [10.20.0.1]",
          "subnet: 10.21.0.0/25, gateway: 10.21.0.1, dns: [10.21.0.1]",
        ],
        ["containers", /10\.20\./g, "10.21."],
        ["machines", /10\.20\./g, "10.21."],
      ],
      says: "3 guests restart in this run: build (address, gateway, dns), cache (address, gateway, dns), web (address, gateway, dns).",
      is: { 20010: "ip=10.21.0.10/25", 20030: "ip=10.21.0.30/25" },
    },
    {
      title: "memory of a container and cores of both kinds",
      edit: [
        ["containers", "memory: 512 MiB", "memory: 768 MiB"],
        ["containers", "cores: 1", "cores: 2"],
        ["machines", "cores: 2", "cores: 3"],
      ],
      says: "2 guests restart in this run: build (cores), web (memory).",
      is: {},
    },
  ] as const)("$title", async ({ edit, says, is }) => {
    for (const [file, from, to] of edit) lab.edit(file, from, to);
    // The user's own engine says it, too.
    expect(await lab.preview()).toContain(says);
    const { code, writes } = await lab.up();
    expect(code).toBe(0);
    const { guests } = lab.simulator.state;
    expect(Object.keys(guests)).toEqual(Object.keys(built.guests));
    for (const [vmid, part] of Object.entries(is)) {
      const { config } = guests[Number(vmid)] ?? {};
      expect(`${config?.["net0"] ?? ""},${config?.["ipconfig0"] ?? ""}`).toContain(part);
    }
    expect(restartedBy(writes)).toEqual(namedIn(says));
    expect((await lab.stack.preview()).changeSummary).toEqual({ same: expect.any(Number) as number });
  });
});

test("two guests do not swap their addresses in one run", async () => {
  lab.edit("containers", "10.20.0.11", "10.20.0.9");
  lab.edit("containers", "10.20.0.10", "10.20.0.11");
  const { code, text, writes } = await lab.up();
  expect(text).toContain("The container cache has the address 10.20.0.11 until this run has given it 10.20.0.9.");
  expect(code).not.toBe(0);
  expect(writes).toEqual([]);
});

const names: Readonly<Record<string, string>> = { 20010: "web", 20011: "cache", 20030: "build" };

function restartedBy(writes: readonly string[]): string[] {
  const found = writes.flatMap((write) => /\/(\d+)\/status\/(?:reboot|shutdown|stop)$/.exec(write)?.[1] ?? []);
  return [...new Set(found.map((vmid) => names[vmid] ?? vmid))].sort();
}

function namedIn(says: string): string[] {
  return [...says.matchAll(/(\w+) \(/g)].map(([, name = ""]) => name).sort();
}
