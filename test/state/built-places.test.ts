import { expect, test } from "vitest";
import { readPlaces } from "../../src/state/built-places.ts";
import { readSettings } from "../../src/state/built-settings.ts";

const prefix = "urn:pulumi:demo::homelab::homelab:index:Homelab";
const storageUrn = (type: string, name: string) =>
  `${prefix}$homelab:storage:SharedStorage$proxmoxve:storage/${type}::${name}`;
const common = { nodes: ["pve-01"], contents: ["backup"] };

test.each([
  ["zfspool:Zfspool", { zfsPool: "fast", thinProvision: true }, { type: "zfspool", location: "fast", thin: true }],
  ["directory:Directory", { path: "/srv" }, { type: "dir", location: "/srv" }],
  [
    "nfs:Nfs",
    { server: "10.0.0.2", export: "/v", options: "vers=4.2" },
    { type: "nfs", location: "10.0.0.2:/v", options: "vers=4.2" },
  ],
  ["cifs:Cifs", { server: "nas", share: "pve" }, { type: "cifs", location: "//nas/pve" }],
  [
    "cifs:Cifs",
    { server: "nas", share: "pve", subdirectory: "/a", username: "u" },
    { type: "cifs", location: "//nas/pve/a", username: "u" },
  ],
])("a storage of type %s with its location", (type, outputs, is) => {
  const resource = { urn: storageUrn(type, "store"), outputs: { ...common, ...outputs, resourceId: "store" } };
  expect(readPlaces([resource]).storages).toEqual([
    {
      name: "store",
      nodes: ["pve-01"],
      content: ["backup"],
      thin: undefined,
      options: undefined,
      username: undefined,
      released: false,
      ...is,
    },
  ]);
});

test("a storage that the last run has let go", () => {
  const entry = { urn: storageUrn("directory:Directory", "a"), outputs: { ...common, path: "/a", resourceId: "a" } };
  const component = { urn: `${prefix}$homelab:storage:SharedStorage::a`, outputs: { storage: "a", released: true } };
  expect(readPlaces([entry, component]).storages).toMatchObject([{ name: "a", released: true }]);
});

test("what a run that was cut off has left without outputs is skipped", () => {
  expect(readPlaces([{ urn: storageUrn("nfs:Nfs", "nas"), outputs: {} }]).storages).toEqual([]);
});

test("files and bridges", () => {
  const image = {
    ...{ id: "homelab:vztmpl/a.tar.zst", nodeName: "pve-01", url: "https://example.com/a" },
    ...{ checksum: "ab", checksumAlgorithm: "sha256" },
  };
  const resources = [
    { urn: `${prefix}$proxmoxve:download/file:File::a-pve-01`, outputs: image },
    { urn: `${prefix}$proxmoxve:download/file:File::b-pve-01`, outputs: { ...image, checksum: null, url: null } },
    {
      urn: `${prefix}$proxmoxve:index/fileLegacy:FileLegacy::vm-user-data`,
      outputs: { id: "homelab:snippets/vm-user-data.yaml", contentType: "snippets" },
    },
    {
      urn: `${prefix}$proxmoxve:network/linux/bridge:Bridge::pve-01-vmbr1`,
      outputs: { nodeName: "pve-01", name: "vmbr1", ports: null, vlanAware: true },
    },
  ];
  expect(readPlaces(resources)).toEqual({
    storages: [],
    images: [
      {
        ...{ name: "a-pve-01", node: "pve-01", volumeId: "homelab:vztmpl/a.tar.zst", url: "https://example.com/a" },
        checksum: { algorithm: "sha256", value: "ab" },
      },
      { name: "b-pve-01", node: "pve-01", volumeId: "homelab:vztmpl/a.tar.zst", url: "", checksum: undefined },
    ],
    snippets: ["homelab:snippets/vm-user-data.yaml"],
    bridges: [{ name: "pve-01-vmbr1", node: "pve-01", key: "vmbr1", ports: [], vlanAware: true, released: false }],
  });
});

test("the settings of a container and of a machine", () => {
  const initialization = {
    dns: { domain: "", servers: ["10.20.0.1"] },
    ipConfigs: [{ ipv4: { address: "10.20.0.10/24", gateway: "10.20.0.1" }, ipv6: null }],
    userDataFileId: "homelab:snippets/vm-user-data.yaml",
  };
  const network = [{ bridge: "vmbr0", vlanId: 20, firewall: false }];
  const attached = {
    ...{ bridge: "vmbr0", vlan: 20, firewall: false, address: "10.20.0.10/24", gateway: "10.20.0.1" },
    dns: ["10.20.0.1"],
  };
  expect(
    readSettings({
      ...{ initialization, networkInterfaces: network, cpu: { cores: 2 }, memory: { dedicated: 512, swap: 256 } },
      operatingSystem: { type: "debian" },
    }),
  ).toMatchObject({ ...attached, cores: 2, memoryMib: 512, swapMib: 256, distribution: "debian", agent: undefined });
  expect(
    readSettings({
      ...{ initialization, networkDevices: network, cpu: { cores: 4, type: "host" }, agent: { enabled: true } },
      memory: { dedicated: 1024, floating: 0 },
    }),
  ).toMatchObject({
    ...attached,
    cpuType: "host",
    balloonMib: 0,
    agent: true,
    userData: initialization.userDataFileId,
  });
  expect(readSettings({ initialization: null, networkDevices: [] })).toMatchObject({ address: undefined, dns: [] });
});
