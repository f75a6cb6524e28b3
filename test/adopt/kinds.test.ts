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
  const job = { id: "daily", node: "pve-01", storage: "local", schedule: "21:00", all: "1" };
  await simulator.request("POST", "/cluster/backup", job);
  const metrics = { type: "influxdb", server: "10.20.0.12", port: "8086", influxdbproto: "udp" };
  await simulator.request("POST", "/cluster/metrics/server/influxdb", metrics);
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
  ["a job", job({ id: "daily" }), "there"],
  ["no such job", job({ schedule: "22:00" }), "absent"],
  ["a job on another node", job({ node: "pve-02" }), "absent"],
  ["a job to another storage", job({ storage: "nas" }), "absent"],
  ["a metric server", { kind: "metric server", id: "influxdb", type: "influxdb" }, "there"],
  ["a metric server of another type", { kind: "metric server", id: "influxdb", type: "graphite" }, "obstacle"],
  ["no such metric server", { kind: "metric server", id: "graphite", type: "graphite" }, "absent"],
  ["a file on a storage that is not there", volume("nowhere"), "absent"],
  ["no such file", volume("local"), "absent"],
])("%s is told from what is not", async (_, lookup, found) => {
  expect(await finder.find(lookup)).toMatchObject({ kind: found });
});

test("a job that someone made by hand is known by what it does, and its ID is told", async () => {
  expect(await finder.find(job({}))).toMatchObject({
    kind: "obstacle",
    text: "Is not there; there is one like it under another ID: daily.",
    remedy: expect.stringContaining("pvesh delete /cluster/backup/daily") as string,
  });
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

function job(differing: Partial<Extract<Lookup, { kind: "job" }>>): Lookup {
  return { kind: "job", id: "nightly", node: "pve-01", storage: "local", schedule: "21:00", ...differing };
}

function volume(storage: string): Lookup {
  return { kind: "volume", node: "pve-01", storage, content: "iso", volumeId: `${storage}:iso/debian.iso` };
}
