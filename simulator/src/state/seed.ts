import { builtInEndpoints, builtInMatchers } from "./built-in-notifications.ts";
import type { ClusterState, SdnFile, SectionFile, Sections } from "./cluster.ts";
import type { Disk, NodeState, ZfsPool } from "./node.ts";
import type { Volume } from "./storage.ts";

const gib = 2 ** 30;
/** The day on which the nodes were installed. */
const installed = Date.parse("2025-10-01T08:00:00Z") / 1000;
const templates = ["debian-13-standard_13.1-2_amd64.tar.zst", "debian-12-standard_12.12-1_amd64.tar.zst"];

const sectionFiles: readonly SectionFile[] = [
  "acmeAccounts",
  "acmePlugins",
  "backupJobs",
  "cpuModels",
  "dirMappings",
  "haGroups",
  "haResources",
  "haRules",
  "matchers",
  "metricServers",
  "notificationEndpoints",
  "pciMappings",
  "realmSyncJobs",
  "replicationJobs",
  "usbMappings",
];
const sdnFiles: readonly SdnFile[] = ["controllers", "dns", "fabrics", "ipams", "subnets", "vnets", "zones"];
const services = [
  "chrony",
  "corosync",
  "cron",
  "ksmtuned",
  "lxcfs",
  "postfix",
  "proxmox-firewall",
  "pve-cluster",
  "pve-firewall",
  "pve-ha-crm",
  "pve-ha-lrm",
  "pve-lxc-syscalld",
  "pvedaemon",
  "pvefw-logger",
  "pveproxy",
  "pvescheduler",
  "pvestatd",
  "qmeventd",
  "spiceproxy",
  "sshd",
  "systemd-journald",
];

/** Two nodes fresh from the installer, in one cluster: nothing on them but container templates. */
export function defaultSeed(): ClusterState {
  return {
    name: "homelab",
    nodes: Object.fromEntries([ms01(), eqr6()].map((node) => [node.name, node])),
    storages: {
      local: {
        storage: "local",
        type: "dir",
        config: { content: "backup,iso,vztmpl", path: "/var/lib/vz" },
        size: 400 * gib,
        offline: [],
      },
      "local-zfs": {
        storage: "local-zfs",
        type: "zfspool",
        config: { content: "images,rootdir", pool: "rpool/data", sparse: "1" },
        size: 400 * gib,
        offline: [],
      },
    },
    volumes: Object.fromEntries(["pve-01", "pve-02"].map((node) => [`${node}/local`, templateVolumes()])),
    guests: {},
    tasks: {},
    access: {
      users: { "root@pam": { enable: true, expire: 0, email: "root@example.com", tokens: {} } },
      groups: {},
      roles: {},
      acl: [],
      realms: {
        pam: { type: "pam", comment: "Linux PAM standard authentication" },
        pve: { type: "pve", comment: "Proxmox VE authentication server" },
      },
    },
    datacenter: { keyboard: "en-us" },
    firewall: { options: {}, rules: [], aliases: {}, ipsets: {}, groups: {} },
    pools: {},
    sections: {
      ...emptyFiles(sectionFiles),
      notificationEndpoints: builtInEndpoints,
      matchers: builtInMatchers,
    },
    sdn: { running: emptyFiles(sdnFiles), configured: { ...emptyFiles(sdnFiles), ipams: { pve: { type: "pve" } } } },
  };
}

/** Minisforum MS-01: the system on the first of two disks, the other one unused. */
function ms01(): NodeState {
  const [system, spare] = [ssd("9100-A"), ssd("9100-B")];
  return {
    ...freshNode("pve-01", 1, "10.10.0.11"),
    cpu: { model: "13th Gen Intel(R) Core(TM) i9-13900H", sockets: 1, cores: 14, threads: 20 },
    memory: 96 * gib,
    disks: { "/dev/nvme0n1": system, "/dev/nvme1n1": spare },
    zpools: { rpool: rootPool("single", ["/dev/nvme0n1"], "10251203187321010111") },
  };

  function ssd(serial: string): Disk {
    const wwn = `eui.002538b${serial === "9100-A" ? "1" : "2"}5100a001`;
    return {
      model: "Samsung SSD 9100 PRO 1TB",
      serial: `S7YANJ0Y${serial}`,
      wwn,
      vendor: "unknown",
      type: "nvme",
      size: 1_000_204_886_016,
      wearout: 100,
      since: installed,
      dead: false,
    };
  }
}

/** Beelink EQR6: the system on a mirror of both disks. */
function eqr6(): NodeState {
  const [first, second] = [p3Plus("A"), p3Plus("B")];
  return {
    ...freshNode("pve-02", 2, "10.10.0.12"),
    cpu: { model: "AMD Ryzen 5 6600H with Radeon Graphics", sockets: 1, cores: 6, threads: 12 },
    memory: 32 * gib,
    disks: { "/dev/nvme0n1": first, "/dev/nvme1n1": second },
    zpools: { rpool: rootPool("mirror", ["/dev/nvme0n1", "/dev/nvme1n1"], "10251203187321010222") },
  };

  function p3Plus(serial: string): Disk {
    return {
      model: "CT500P3PSSD8",
      serial: `2344E8850${serial}`,
      wwn: `eui.00a0750${serial === "A" ? "1" : "2"}e8850001`,
      vendor: "unknown",
      type: "nvme",
      size: 500_107_862_016,
      wearout: 98,
      since: installed,
      dead: false,
    };
  }
}

type Hardware = "cpu" | "memory" | "disks" | "zpools";

/** A node fresh from the installer, apart from its hardware. */
export function freshNode(name: string, id: number, address: string): Omit<NodeState, Hardware> {
  return {
    name,
    id,
    address,
    bootedAt: installed,
    config: {},
    dns: { search: "home.arpa", servers: ["10.10.0.1"] },
    hosts: `127.0.0.1 localhost.localdomain localhost\n${address} ${name}.home.arpa ${name}\n`,
    timezone: "Europe/Berlin",
    interfaces: {
      enp1s0: { type: "eth", method: "manual", method6: "manual", exists: "1" },
      enp2s0: { type: "eth", method: "manual", method6: "manual", exists: "1" },
      vmbr0: {
        type: "bridge",
        method: "static",
        method6: "manual",
        autostart: "1",
        cidr: `${address}/24`,
        gateway: "10.10.0.1",
        bridge_ports: "enp1s0",
        bridge_stp: "off",
        bridge_fd: "0",
        bridge_vlan_aware: "1",
        bridge_vids: "2-4094",
      },
    },
    services: Object.fromEntries(services.map((service) => [service, "running" as const])),
    firewall: { options: {}, rules: [] },
    files: {},
    repositories: { enterprise: true, "ceph-squid-enterprise": true },
  };
}

/** The pool that the installer makes for the system. */
export function rootPool(raid: ZfsPool["raid"], disks: string[], guid: string): ZfsPool {
  return {
    name: "rpool",
    guid,
    raid,
    disks,
    properties: { ashift: "12", autotrim: "off" },
    files: { "rpool/ROOT/pve-1": 4 * gib },
    datasets: {
      rpool: { compression: "on", atime: "on", mountpoint: "/rpool" },
      "rpool/ROOT": { mountpoint: "/rpool/ROOT" },
      "rpool/ROOT/pve-1": { mountpoint: "/" },
      "rpool/data": { mountpoint: "/rpool/data" },
      "rpool/var-lib-vz": { mountpoint: "/var/lib/vz" },
    },
  };
}

function templateVolumes(): Record<string, Volume> {
  return Object.fromEntries(
    templates.map((file) => [
      `vztmpl/${file}`,
      { name: `vztmpl/${file}`, content: "vztmpl", format: "tzst", size: 129_000_000, created: installed },
    ]),
  );
}

function emptyFiles<File extends string>(files: readonly File[]): Record<File, Sections> {
  return Object.fromEntries(files.map((file) => [file, {}])) as Record<File, Sections>;
}
