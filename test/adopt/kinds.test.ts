import { startSimulator } from "@proxmox-homelab/simulator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ResourceFinder } from "../../src/adopt/find-resource.ts";
import { adoptableKinds } from "../../src/adopt/kinds.ts";
import type { Lookup } from "../../src/adopt/lookup.ts";
import { sortResources } from "../../src/adopt/sort-resources.ts";
import { ReadApi } from "../../src/proxmox/read-api.ts";
import { openConnection, type Connection } from "../../src/proxmox/send.ts";
import { registerShippedHomelab } from "../components/registrations.ts";

const guest = { node: "pve-01", vmid: 101, type: "lxc" } as const;
let simulator: Awaited<ReturnType<typeof startSimulator>>;
let connection: Connection;
let finder: ResourceFinder;

beforeAll(async () => {
  simulator = await startSimulator();
  await simulator.request("POST", "/nodes/pve-01/qemu", { vmid: "101", name: "web" });
  connection = openConnection(simulator.url, { kind: "authorities", pem: [simulator.ca] });
  finder = new ResourceFinder(new ReadApi(connection, simulator.apiToken));
});

afterAll(async () => {
  connection.agent.destroy();
  await simulator.close();
});

test("whatever the program makes on Proxmox VE can be adopted", async () => {
  const { registrations } = await registerShippedHomelab();
  const types = new Set(registrations.map(({ type }) => type).filter((type) => type.startsWith("proxmoxve:")));
  expect([...types].filter((type) => !Object.hasOwn(adoptableKinds, type))).toEqual([]);
});

test.each<[string, Lookup, string]>([
  ["a guest", { kind: "guest", ...guest, type: "qemu" }, "there"],
  ["no such guest", { kind: "guest", ...guest, vmid: 102 }, "absent"],
  ["a guest of the other kind", { kind: "guest", ...guest }, "obstacle"],
  ["a guest elsewhere", { kind: "guest", ...guest, type: "qemu", node: "pve-02" }, "obstacle"],
  ["rules of a guest that has none", { kind: "rules", ...guest, type: "qemu" }, "absent"],
  ["a pool", { kind: "pool", node: "pve-01", name: "rpool" }, "there"],
  ["no such pool", { kind: "pool", node: "pve-01", name: "fast" }, "absent"],
  ["a bridge", { kind: "bridge", node: "pve-01", name: "vmbr0" }, "there"],
  ["no such bridge", { kind: "bridge", node: "pve-01", name: "vmbr7" }, "absent"],
  ["what is no bridge", { kind: "bridge", node: "pve-01", name: "enp1s0" }, "obstacle"],
  ["a storage", { kind: "storage", id: "local", type: "dir" }, "there"],
  ["a storage of another type", { kind: "storage", id: "local", type: "nfs" }, "obstacle"],
  ["no such storage", { kind: "storage", id: "nas", type: "nfs" }, "absent"],
  ["no such job", { kind: "job", id: "daily" }, "absent"],
  ["a file on a storage that is not there", volume("nowhere"), "absent"],
  ["no such file", volume("local"), "absent"],
])("%s is told from what is not", async (_, lookup, found) => {
  expect(await finder.find(lookup)).toMatchObject({ kind: found });
});

test("what nobody knows how to adopt is named, and what is no part of Proxmox VE is left out", async () => {
  const prefix = "urn:pulumi:homelab::homelab::homelab:index:Homelab$";
  const steps = ["proxmoxve:sdn/zone:Zone::lab", "command:remote:Command::step", "homelab:guest:Container::web"];
  const sorted = await sortResources(
    { steps: steps.map((step) => ({ op: "create", urn: `${prefix}${step}` })) },
    finder,
  );
  expect(sorted).toMatchObject([{ name: "lab", word: "proxmoxve:sdn/zone:Zone", found: { kind: "unsupported" } }]);
});

function volume(storage: string): Lookup {
  return { kind: "volume", node: "pve-01", storage, content: "iso", volumeId: `${storage}:iso/debian.iso` };
}
