import { describe, expect } from "vitest";
import { withToken } from "./clients.ts";
import { test } from "./simulator-test.ts";

const pci = {
  id: "gpu",
  description: "graphics",
  map: "id=10de:1b80,iommugroup=1,node=pve-01,path=0000:01:00.0,subsystem-id=10de:119e",
};
const kinds = [
  ["pci", pci, "hardware"],
  ["usb", { id: "zigbee", description: "stick", map: "id=10c4:ea60,node=pve-01,path=1-2" }, "hardware"],
  ["dir", { id: "media", description: "films", map: "node=pve-01,path=/srv" }, "directory"],
] as const;

test.for(kinds)("POST, GET, PUT and DELETE …/mapping/%s", async ([kind, mapping, title], { simulator }) => {
  // The schema has keys that no list has: `error` of USB devices, and a description where there is none.
  const request = withToken(simulator, simulator.apiToken);
  const folder = `/cluster/mapping/${kind}`;
  const path = `${folder}/${mapping.id}`;
  const shown = { type: kind, description: mapping.description, map: [mapping.map] };
  const digest: unknown = expect.stringMatching(/^[0-9a-f]{40}$/);
  await request("POST", folder, mapping);
  expect(await request("GET", path)).toEqual({ ...shown, digest });
  expect(await request("GET", folder)).toEqual([{ ...shown, id: mapping.id, digest }]);
  await expect(request("POST", folder, mapping)).rejects.toMatchObject({
    status: 500,
    message: `create ${title} mapping failed: ${kind} ID '${mapping.id}' already defined`,
  });
  await request("PUT", path, { map: mapping.map, delete: "description" });
  expect(await request("GET", path)).toEqual({ type: kind, map: [mapping.map], digest });
  await expect(request("PUT", `${folder}/none`, { map: mapping.map })).rejects.toMatchObject({
    status: 500,
    message: `update ${title} mapping failed: ${kind} ID 'none' does not exist`,
  });
  await request("DELETE", path);
  expect(await request("GET", folder)).toEqual([]);
  await expect(request("GET", path)).rejects.toMatchObject({
    status: 500,
    message: `mapping '${mapping.id}' not found`,
  });
});

test("POST /cluster/mapping/dir refuses two folders of one node", async ({ simulator }) => {
  const body = new URLSearchParams([
    ["id", "media"],
    ["map", "node=pve-01,path=/srv"],
    ["map", "node=pve-01,path=/mnt"],
  ]).toString();
  await expect(simulator.request("POST", `/cluster/mapping/dir?${body}`)).rejects.toMatchObject({
    status: 500,
    message: "Node 'pve-01' is specified 2 times.",
  });
  expect(await simulator.request("GET", "/cluster/mapping/dir")).toEqual([]);
});

test("POST /cluster/mapping/pci refuses an entry without its node", async ({ simulator: { request } }) => {
  await expect(
    request("POST", "/cluster/mapping/pci", { ...pci, map: "id=10de:1b80,path=0000:01:00.0" }),
  ).rejects.toMatchObject({
    status: 400,
    errors: { map: expect.stringContaining("node: property is missing and it is not optional") as string },
  });
});

test("PUT /cluster/mapping/pci/{id} always needs the map", async ({ simulator: { request } }) => {
  await request("POST", "/cluster/mapping/pci", pci);
  await expect(request("PUT", "/cluster/mapping/pci/gpu", { mdev: "1" })).rejects.toMatchObject({
    status: 500,
    message: "update hardware mapping failed: missing value for required option 'map'",
  });
  await request("PUT", "/cluster/mapping/pci/gpu", { map: pci.map, mdev: "1" });
  expect(await request("GET", "/cluster/mapping/pci/gpu")).toMatchObject({ mdev: 1 });
});

test("POST /cluster/mapping/dir refuses a folder that the node does not have", async ({ simulator: { request } }) => {
  const add = (map: string) => request("POST", "/cluster/mapping/dir", { id: "media", map });
  await expect(add("node=pve-01,path=/srv/media")).rejects.toMatchObject({
    status: 500,
    message: "Path /srv/media does not exist",
  });
  await expect(add("node=pve-01,path=/etc/hosts")).rejects.toMatchObject({
    message: "Path /etc/hosts exists, but is not a directory",
  });
  // What another node has can't be seen from here.
  await add("node=pve-02,path=/srv/media");
});

describe("check-node", () => {
  const problem = (message: string) => [{ severity: "error", message: `Invalid configuration: ${message}\n` }];

  test.for([
    [
      "pve-02",
      "id=144d:a810,iommugroup=17,node=pve-01,path=0000:03:00.0",
      [{ severity: "warning", message: "No mapping for node pve-02." }],
    ],
    ["pve-01", "id=144d:a810,iommugroup=17,node=pve-01,path=0000:03:00.0", []],
    ["pve-01", "id=144d:a810,iommugroup=17,node=pve-01,path=0000:03:00", []],
    [
      "pve-01",
      "id=144d:a810,iommugroup=17,node=pve-01,path=0000:99:00.0",
      problem("pci device '0000:99:00.0' not found"),
    ],
    [
      "pve-01",
      "id=144d:a811,iommugroup=17,node=pve-01,path=0000:03:00.0",
      problem("'id' does not match for 'x1' (144d:a810 != 144d:a811)"),
    ],
    [
      "pve-01",
      "id=144d:a810,iommugroup=3,node=pve-01,path=0000:03:00.0",
      problem("'iommugroup' does not match for 'x1' (17 != 3)"),
    ],
    ["pve-01", "id=144d:a810,node=pve-01,path=0000:03:00.0", problem("no 'iommugroup' for device '0000:03:00.0'")],
  ] as const)("looks on %s for the PCI device %s", async ([node, map, checks], { simulator: { request } }) => {
    await request("POST", "/cluster/mapping/pci", { id: "x1", description: "-", map });
    expect(await request("GET", "/cluster/mapping/pci", { "check-node": node })).toMatchObject([{ id: "x1", checks }]);
  });

  test.for([
    ["id=0e8d:0608,node=pve-01,path=1-10", []],
    ["id=0e8d:0608,node=pve-01", []],
    ["id=0e8d:0608,node=pve-01,path=1-4", problem("usb device '1-4' not found")],
    ["id=0e8d:0609,node=pve-01", problem("usb device '0e8d:0609' not found")],
    ["id=0e8d:0609,node=pve-01,path=1-10", problem("'id' does not match for 'x1' (0e8d:0608 != 0e8d:0609)")],
  ] as const)("looks for the USB device %s", async ([map, errors], { simulator }) => {
    const request = withToken(simulator, simulator.apiToken);
    await request("POST", "/cluster/mapping/usb", { id: "x1", map });
    expect(await request("GET", "/cluster/mapping/usb", { "check-node": "pve-01" })).toMatchObject([{ errors }]);
  });
});
