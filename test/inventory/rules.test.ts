import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { edited, homelabFiles, problemsOf, writeHomelab, type HomelabFiles } from "./homelab-files.ts";

let project: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "inventory-"));
});

afterEach(() => {
  rmSync(project, { recursive: true });
});

const second = homelabFiles.containers.replace("grafana:", "prometheus:");
const derived = homelabFiles.containers.replace("  vmid: 20010\n", "");

test("a homelab in which every rule holds has no problem", () => {
  writeHomelab(project);
  expect(problemsOf(project)).toBe("");
});

type Row = [what: string, changed: Partial<HomelabFiles>, message: string];

describe("names", () => {
  test.each<Row>([
    [
      "a node",
      edited("containers", "node: pve-01", "node: pve-1"),
      `containers.yaml:2:9  containers.grafana.node
  There is no node "pve-1" in nodes.yaml.
  Did you mean "pve-01"? Known: pve-01, pve-02.`,
    ],
    [
      "a network",
      edited("containers", "network: internal", "network: intern"),
      `containers.yaml:4:12  containers.grafana.network
  There is no network "intern" in networks.yaml.
  Did you mean "internal"? Known: management, internal, dmz.`,
    ],
    [
      "an image",
      edited("containers", "image: debian", "image: alpine"),
      `containers.yaml:6:10  containers.grafana.image
  There is no image "alpine" in images.yaml.
  Known: debian, cloud, talos.`,
    ],
    [
      "a storage of a volume",
      edited("containers", "/var/lib/grafana, storage: local-zfs", "/var/lib/grafana, storage: lokal-zfs"),
      `containers.yaml:11:45  containers.grafana.volumes.mp0.storage
  There is no storage "lokal-zfs" in storage.yaml.
  Did you mean "local-zfs"? Known: local, local-zfs, homelab, nas.`,
    ],
    [
      "a backend",
      edited("machines", "backends: [grafana]", "backends: [graphana]"),
      `machines.yaml:11:42  machines.proxy.firewall.backends.0
  There is no guest "graphana" in containers.yaml or machines.yaml.
  Did you mean "grafana"? Known: grafana, proxy, cluster-01.`,
    ],
    [
      "a disk of a pool",
      edited("nodes", "disks: [system]", "disks: [sytem]"),
      `nodes.yaml:17:15  nodes.pve-01.pools.rpool.disks.0
  There is no disk "sytem" in nodes.pve-01.disks.
  Did you mean "system"? Known: system, data.`,
    ],
    [
      "a job that covers a pool",
      edited("nodes", "coveredBy: [daily]", "coveredBy: [dayly, daily]"),
      `nodes.yaml:18:92  nodes.pve-01.pools.rpool.redundancy.coveredBy.0
  There is no job "dayly" in backups.yaml.
  Did you mean "daily"? Known: daily.`,
    ],
    [
      "a port of a bridge",
      edited("nodes", "ports: [enp1s0]", "ports: [enp1s1]"),
      `nodes.yaml:9:41  nodes.pve-01.bridges.vmbr0.ports.0
  There is no interface "enp1s1" in nodes.pve-01.interfaces.
  Did you mean "enp1s0"? Known: enp1s0, enp2s0.`,
    ],
    [
      "a network's bridge",
      edited("networks", "zone: dmz", "zone: dmz, bridge: vmbr1"),
      `networks.yaml:3:97  networks.dmz.bridge
  There is no bridge "vmbr1" in nodes.pve-01.bridges.
  Did you mean "vmbr0"? Known: vmbr0.

config/homelab/networks.yaml:3:97  networks.dmz.bridge
  There is no bridge "vmbr1" in nodes.pve-02.bridges.
  Did you mean "vmbr0"? Known: vmbr0.`,
    ],
    [
      "a storage's node",
      edited("storage", "type: nfs,", "type: nfs, nodes: [pve-01, pve-02, pve-03],"),
      `storage.yaml:4:43  storage.nas.nodes.2
  There is no node "pve-03" in nodes.yaml.
  Did you mean "pve-01"? Known: pve-01, pve-02.`,
    ],
    [
      "an image's storage",
      edited("images", "storage: homelab", "storage: homlab"),
      `images.yaml:7:12  images.debian.storage
  There is no storage "homlab" in storage.yaml.
  Did you mean "homelab"? Known: local, local-zfs, homelab, nas.`,
    ],
    [
      "a backup's storage",
      edited("backups", "storage: nas", "storage: nos"),
      `backups.yaml:2:12  backups.daily.storage
  There is no storage "nos" in storage.yaml.
  Did you mean "nas"? Known: local, local-zfs, homelab, nas.`,
    ],
    [
      "a node that is backed up",
      edited("backups", "schedule: {", 'schedule: { pve-2: "03:00",'),
      `backups.yaml:3:15  backups.daily.schedule.pve-2
  There is no node "pve-2" in nodes.yaml.
  Did you mean "pve-02"? Known: pve-01, pve-02.`,
    ],
    [
      "a guest that is left out of a backup",
      { backups: `${homelabFiles.backups}  exclude: { grafna: It holds nothing of its own. }\n` },
      `backups.yaml:6:14  backups.daily.exclude.grafna
  There is no guest "grafna" in containers.yaml or machines.yaml.
  Did you mean "grafana"? Known: grafana, proxy, cluster-01.`,
    ],
  ])("must stand for something: %s", refuses);

  test.each<Row>([
    [
      "a container made from a cloud image",
      edited("containers", "image: debian", "image: cloud"),
      `containers.yaml:6:10  containers.grafana.image
  images.cloud is of kind cloudImage, and this is made from one of kind containerTemplate.
  Choose debian.`,
    ],
    [
      "a Talos machine made from a cloud image",
      edited("machines", "image: talos", "image: cloud"),
      `machines.yaml:19:10  machines.cluster-01.image
  images.cloud is of kind cloudImage, and this is made from one of kind talos.
  Choose talos.`,
    ],
    [
      "a backend that offers nothing",
      edited("containers", "  service: { protocol: http, port: 3000 }\n", ""),
      `machines.yaml:11:42  machines.proxy.firewall.backends.0
  grafana has no service that could be reached.
  Give grafana a service with protocol and port.`,
    ],
    [
      "a bridge without VLANs",
      edited("nodes", "ports: [enp1s0], vlanAware: true", "ports: [enp1s0], vlanAware: false"),
      ["management", "internal", "dmz"]
        .map(
          (name, index) => `networks.yaml:${index + 1}:1  networks.${name}.bridge
  The bridge vmbr0 of pve-01 does not know VLANs, and every network is one.
  Set nodes.pve-01.bridges.vmbr0.vlanAware to true, or name a bridge that is.`,
        )
        .join("\n\nconfig/homelab/"),
    ],
  ])("must fit what they stand for: %s", refuses);
});

describe("what there is once", () => {
  test.each<Row>([
    [
      "a VMID and an address",
      { containers: homelabFiles.containers + second },
      `containers.yaml:15:9  containers.prometheus.vmid
  The VMID 20010 is already taken by containers.grafana.
  Choose a free VMID.

config/homelab/containers.yaml:17:12  containers.prometheus.address
  10.20.0.10 is already taken by containers.grafana.
  Choose a free address in networks.internal.`,
    ],
    [
      "a VMID that is given and derived elsewhere",
      edited("containers", "vmid: 20010", "vmid: 20020"),
      `machines.yaml:18:12  machines.cluster-01.address
  The VMID 20020 is already taken by containers.grafana.
  Choose another address, or give one of them a vmid.`,
    ],
    [
      "an address of two guests, whose VMIDs are derived",
      { containers: derived + derived.replace("grafana:", "prometheus:") },
      `containers.yaml:15:12  containers.prometheus.address
  10.20.0.10 is already taken by containers.grafana.
  Choose a free address in networks.internal.`,
    ],
    [
      "a node's address",
      edited("nodes", "address: 10.10.0.12", "address: 10.10.0.11"),
      `nodes.yaml:21:12  nodes.pve-02.address
  10.10.0.11 is already taken by nodes.pve-01.
  Give each node the address that it has.`,
    ],
    [
      "a hostname",
      edited("machines", "cluster-01:", "pve-02:"),
      `machines.yaml:12:1  machines.pve-02
  The name pve-02 is already taken by nodes.pve-02.
  Choose another name: it becomes the hostname.`,
    ],
    [
      "a hostname that differs in capitals only",
      edited("machines", "cluster-01:", "Grafana:"),
      `machines.yaml:12:1  machines.Grafana
  The name grafana is already taken by containers.grafana.
  Choose another name: it becomes the hostname.`,
    ],
    [
      "a VLAN",
      edited("networks", "vlan: 30", "vlan: 10"),
      `networks.yaml:3:14  networks.dmz.vlan
  The VLAN 10 on vmbr0 is already taken by networks.management.
  Choose a free VLAN tag.`,
    ],
    [
      "a range of addresses",
      {
        ...edited("networks", "10.30.0.0/24, gateway: 10.30.0.1", "10.20.7.0/24, gateway: 10.20.7.1"),
        ...edited("machines", "address: 10.30.0.10", "address: 10.20.7.10"),
      },
      `networks.yaml:3:26  networks.dmz.subnet
  10.20.7.0/24 overlaps with 10.20.0.0/16 of networks.internal.
  Choose a range of its own.`,
    ],
    [
      "the file of an image",
      edited(
        "images",
        "cloud:",
        `other: { kind: cloudImage, url: "https://example.com/o.qcow2", fileName: cloud.qcow2, checksum: { algorithm: sha256, value: ${"d".repeat(64)} }, storage: homelab }\ncloud:`,
      ),
      `images.yaml:9:1  images.cloud
  The file cloud.qcow2 on homelab is already taken by images.other.
  Give each image a file of its own.`,
    ],
    [
      "a storage's location",
      edited(
        "storage",
        "nas:",
        "vault: { type: nfs, origin: create, server: 10.10.0.20, export: /volume1/proxmox, content: [iso] }\nnas:",
      ),
      `storage.yaml:5:1  storage.nas
  nas shows 10.10.0.20:/volume1/proxmox, as storage.vault does: each file there would have two names.
  Use vault, or a folder, share or dataset of its own.`,
    ],
    [
      "a disk",
      edited("nodes", "nvme-D", "nvme-C"),
      `nodes.yaml:30:19  nodes.pve-02.disks.second.id
  /dev/disk/by-id/nvme-C is already taken by nodes.pve-02.disks.first.
  Give each disk its own ID.`,
    ],
    [
      "a disk's pool",
      edited(
        "nodes",
        "  pools:\n    rpool:\n",
        "  pools:\n    fast: { origin: create, layout: individual, disks: [system], redundancy: { kind: none, reason: Nothing of worth., coveredBy: [daily] } }\n    rpool:\n",
      ),
      `nodes.yaml:18:15  nodes.pve-01.pools.rpool.disks.0
  The disk system is already taken by nodes.pve-01.pools.fast.
  A disk belongs to one pool, once.`,
    ],
    [
      "an interface's bridge",
      edited("nodes", "  bridges:\n", "  bridges:\n    vmbr1: { origin: create, ports: [enp1s0], vlanAware: true }\n"),
      `nodes.yaml:10:41  nodes.pve-01.bridges.vmbr0.ports.0
  The interface enp1s0 is already taken by nodes.pve-01.bridges.vmbr1.
  An interface belongs to one bridge, once.`,
    ],
    [
      "an SSH key, whatever its comment",
      {
        access: `${homelabFiles.access}${homelabFiles.access.split("\n")[1]?.replace("admin:", "laptop:") ?? ""}-at-home\n`,
      },
      `access.yaml:3:11  access.sshKeys.laptop
  This key is already taken by access.sshKeys.admin.
  Remove one of them: a key is revoked only when no name has it.`,
    ],
  ])("is there once: %s", refuses);
});

describe("addresses", () => {
  test.each<Row>([
    [
      "outside of its network",
      edited("containers", "address: 10.20.0.10", "address: 10.21.0.10"),
      `containers.yaml:5:12  containers.grafana.address
  10.21.0.10 is not in networks.internal.
  Choose a free address in networks.internal (10.20.0.0/16).`,
    ],
    [
      "the gateway's",
      edited("containers", "address: 10.20.0.10", "address: 10.20.0.1"),
      `containers.yaml:5:12  containers.grafana.address
  10.20.0.1 is the gateway of networks.internal.
  Choose a free address in networks.internal (10.20.0.0/16).`,
    ],
    [
      "the broadcast address",
      edited("containers", "address: 10.20.0.10", "address: 10.20.255.255"),
      `containers.yaml:5:12  containers.grafana.address
  10.20.255.255 is the network or broadcast address of networks.internal.
  Choose a free address in networks.internal (10.20.0.0/16).`,
    ],
    [
      "too high for a VMID to be derived",
      edited("machines", "address: 10.20.0.20", "address: 10.20.3.232"),
      `machines.yaml:18:12  machines.cluster-01.address
  The VMID cannot be derived: 10.20.3.232 is number 1000 of its network, and VLAN × 1000 has room for 999.
  Give it a vmid of its own, or choose a lower address.`,
    ],
    [
      "a gateway outside of its network",
      edited("networks", "gateway: 10.30.0.1", "gateway: 10.31.0.1"),
      `networks.yaml:3:49  networks.dmz.gateway
  The gateway 10.31.0.1 is not a host of 10.30.0.0/24: nobody there could reach it.
  Give the router's address in this network.`,
    ],
    [
      "a node outside of the management network",
      edited("nodes", "address: 10.10.0.12", "address: 10.11.0.12"),
      `nodes.yaml:21:12  nodes.pve-02.address
  10.11.0.12 is in no network with zone management: the firewall would not know from where nodes are managed.
  Give the node's address in management (10.10.0.0/24).`,
    ],
  ])("are refused: %s", refuses);

  test.each<[string, Partial<HomelabFiles>]>([
    ["the highest number from which a VMID is derived", edited("machines", "10.20.0.20", "10.20.3.231")],
    [
      "a higher one, where the VMID is given",
      edited("machines", "address: 10.20.0.20", "vmid: 500\n  address: 10.20.9.9"),
    ],
  ])("are taken: %s", (_what, changed) => {
    writeHomelab(project, changed);
    expect(problemsOf(project)).toBe("");
  });
});

describe("pools and storages", () => {
  test.each<Row>([
    [
      "a mirror of one disk",
      edited("nodes", "disks: [first, second]", "disks: [first]"),
      `nodes.yaml:32:41  nodes.pve-02.pools.rpool.layout
  The layout mirror does not fit one disk.
  Write individual for one disk, striped or mirror for several.`,
    ],
    [
      "two disks that claim to be one",
      edited("nodes", "disks: [system]", "disks: [system, data]"),
      `nodes.yaml:16:15  nodes.pve-01.pools.rpool.layout
  The layout individual does not fit 2 disks.
  Write individual for one disk, striped or mirror for several.`,
    ],
    [
      "a stripe that claims to be a mirror",
      edited("nodes", "layout: mirror", "layout: striped"),
      `nodes.yaml:32:94  nodes.pve-02.pools.rpool.redundancy.kind
  A pool with layout striped has no redundancy.
  Write none, with reason and coveredBy.`,
    ],
    [
      "stripes that Proxmox VE would have to create",
      edited(
        "nodes",
        "{ origin: installer, layout: mirror, disks: [first, second], redundancy: { kind: mirror } }",
        "{ origin: create, layout: striped, disks: [first, second], redundancy: { kind: none, reason: It comes back from a backup., coveredBy: [daily] } }",
      ),
      `nodes.yaml:32:38  nodes.pve-02.pools.rpool.layout
  Proxmox VE creates no striped pool.
  Create it on the node (zpool create), and write origin: installer; or write mirror.`,
    ],
    [
      "a storage on a pool that a node lacks",
      edited("storage", "pool: rpool/data", "pool: tank/data"),
      `storage.yaml:2:54  storage.local-zfs.pool
  pve-01 has no pool "tank".
  Add it to nodes.pve-01.pools, or list the nodes that have it in storage.local-zfs.nodes.

config/homelab/storage.yaml:2:54  storage.local-zfs.pool
  pve-02 has no pool "tank".
  Add it to nodes.pve-02.pools, or list the nodes that have it in storage.local-zfs.nodes.`,
    ],
    [
      "a volume on a storage that is not meant for it",
      edited("containers", "disk: { storage: local-zfs", "disk: { storage: local"),
      `containers.yaml:9:20  containers.grafana.disk.storage
  The storage local is not meant for rootdir.
  Choose local-zfs, or add rootdir to storage.local.content.`,
    ],
    [
      "a volume on a storage that is elsewhere",
      edited("storage", "pool: rpool/data,", "pool: rpool/data, nodes: [pve-01],"),
      `machines.yaml:10:20  machines.proxy.disk.storage
  The storage local-zfs is not on pve-02, only on pve-01.
  Choose one that is on pve-02, or add it to storage.local-zfs.nodes.`,
    ],
    [
      "an image on a storage that takes none",
      edited("storage", "content: [import, snippets, vztmpl]", "content: [import, snippets]"),
      `images.yaml:7:12  images.debian.storage
  The storage homelab is not meant for vztmpl.
  Add vztmpl to storage.homelab.content.`,
    ],
    [
      "an image on a storage that takes no snippets for it",
      edited("storage", "content: [import, snippets, vztmpl]", "content: [import, vztmpl]"),
      `images.yaml:13:12  images.cloud.storage
  The storage homelab is not meant for snippets.
  Add snippets to storage.homelab.content.

config/homelab/images.yaml:18:12  images.talos.storage
  The storage homelab is not meant for snippets.
  Add snippets to storage.homelab.content.`,
    ],
    [
      "backups on a storage that does not reach a node",
      edited("storage", "type: nfs,", "type: nfs, nodes: [pve-01],"),
      `backups.yaml:2:12  backups.daily.storage
  The storage nas is not on pve-02, only on pve-01.
  Choose one that is on pve-02, or add it to storage.nas.nodes.`,
    ],
  ])("must fit together: %s", refuses);
});

describe("what Proxmox would not do", () => {
  test.each<Row>([
    [
      "guard a guest that is neither exposed nor in the DMZ",
      edited("machines", "needs: [kernel]", "needs: [kernel]\n  firewall: { publish: [6443] }"),
      `machines.yaml:21:3  machines.cluster-01.firewall
  Only what stands in the DMZ is guarded: these settings would have no effect.
  Remove them, or set exposure to internet.`,
    ],
    [
      "let anyone reach an exposed guest that publishes nothing",
      edited("machines", "publish: [443], ", ""),
      `machines.yaml:7:13  machines.proxy.exposure
  It is exposed to the internet, but publishes no port: everything would be dropped.
  List the ports in firewall.publish, such as [80, 443].`,
    ],
    [
      "start a guest with more cores than the node has threads",
      edited("machines", "exposure: internet\n  cores: 2", "exposure: internet\n  cores: 13"),
      `machines.yaml:8:10  machines.proxy.cores
  pve-02 has 12 threads: Proxmox does not start a guest with 13 cores there.
  Write 12 or fewer.`,
    ],
    [
      "back up two nodes to one storage at once, and end in time",
      edited("backups", '"02:00"', '"01:00"'),
      `backups.yaml:3:40  backups.daily.schedule.pve-02
  pve-01 (backups.daily) writes to nas at 01:00 too: both would crawl.
  Let one begin when the other has ended.`,
    ],
  ])("is not asked of it: %s", refuses);
});

function refuses(_what: string, changed: Partial<HomelabFiles>, message: string): void {
  writeHomelab(project, changed);
  expect(problemsOf(project)).toBe(`config/homelab/${message}`);
}

describe("Prometheus", () => {
  test("asks no job so seldom that the dashboards had nothing to draw", () => {
    const intervals = "  scrapeInterval: 20 s\n  scrapeIntervals: { pve: 40 s, talos: 41 s }\n";
    refuses(
      "an interval",
      { services: services.replace("  retention", `${intervals}  retention`) },
      `services.yaml:5:40  services.prometheus.scrapeIntervals.talos
  The dashboards draw rates over four times scrapeInterval, 80 s, in which a job that is asked every 41 s may have one measurement.
  Write 40 s or less, or a longer scrapeInterval.`,
    );
  });

  const services = `prometheus:
  version: 2.53.3
  blackboxExporter: 0.26.0
  retention: { time: 90 d, size: 48 GiB }
`;
  const guest = homelabFiles.containers
    .replace("grafana:", "prometheus:")
    .replace("  cores", "  runs: prometheus\n  cores");

  test.each<[what: string, containers: string, message: string]>([
    [
      "a volume",
      guest,
      `containers.yaml:7:9  containers.prometheus.runs
  Prometheus has no volume at /var/lib/prometheus: its measurements would fill the system's.
  Add a volume: { path: /var/lib/prometheus, storage: …, size: … }.`,
    ],
    [
      "room",
      guest.replace(
        "/var/lib/grafana, storage: local-zfs, size: 8 GiB",
        "/var/lib/prometheus, storage: local-zfs, size: 50 GiB",
      ),
      `services.yaml:4:34  services.prometheus.retention.size
  Prometheus may keep 48 GiB, but the volume of prometheus has 50 GiB.
  Leave a fifth of it free: 40 GiB at most.`,
    ],
    [
      "nothing",
      guest.replace(
        "/var/lib/grafana, storage: local-zfs, size: 8 GiB",
        "/var/lib/prometheus, storage: local-zfs, size: 60 GiB",
      ),
      "",
    ],
  ])("lacks %s", (_what, containers, message) => {
    const machines = homelabFiles.machines.replace("backends: [grafana]", "backends: [prometheus]");
    writeHomelab(project, { containers, machines, services });
    expect(problemsOf(project)).toBe(message === "" ? "" : `config/homelab/${message}`);
  });
});

describe("InfluxDB", () => {
  const services = "influxdb: { version: 2.9.1, retention: 730 d }\n";
  const bare = homelabFiles.containers.replace("  cores", "  runs: influxdb\n  cores");
  const kept = bare.replace("path: /var/lib/grafana", "path: /var/lib/influxdb");
  const second = kept.replace("grafana:", "second:").replace("20010", "20012").replace("10.20.0.10", "10.20.0.12");

  test.each<[what: string, containers: string, message: string]>([
    [
      "without a volume is refused",
      bare,
      `containers.yaml:7:9  containers.grafana.runs
  InfluxDB has no volume at /var/lib/influxdb: its measurements would fill the system's.
  Add a volume: { path: /var/lib/influxdb, storage: …, size: … }.`,
    ],
    ["with a volume is taken", kept, ""],
    [
      "twice is refused",
      `${kept}${second}`,
      `containers.yaml:20:9  containers.second.runs
  grafana runs InfluxDB already: Proxmox VE writes to one of them, and Grafana reads one.
  Let one guest run it.`,
    ],
  ])("%s", (_what, containers, message) => {
    writeHomelab(project, { containers, services });
    expect(problemsOf(project)).toBe(message === "" ? "" : `config/homelab/${message}`);
  });
});
