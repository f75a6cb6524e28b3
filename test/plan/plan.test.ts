import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadInventory } from "../../src/inventory/load.ts";
import { planHomelab, type HomelabPlan } from "../../src/plan/plan.ts";
import { edited, writeHomelab, type HomelabFiles } from "../inventory/homelab-files.ts";

const folder = mkdtempSync(join(tmpdir(), "plan-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function planWith(changed: Partial<HomelabFiles> = {}): HomelabPlan {
  writeHomelab(folder, changed);
  return planHomelab(loadInventory(folder));
}

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJBhTCjl5Wup/bnPAaidYlI3hKXCySl2KDwsi/TvcCXK admin@desk";

describe("a container", () => {
  test("is unprivileged, in its VLAN, with its data in volumes that are backed up", () => {
    expect(planWith().containers).toEqual([
      {
        name: "grafana",
        node: "pve-01",
        vmid: 20010,
        description:
          "grafana: managed by Pulumi from config/homelab/containers.yaml (containers.grafana); changes made here are undone.",
        tags: ["homelab"],
        cores: 2,
        memoryMib: 1024,
        swapMib: 512,
        unprivileged: true,
        nesting: false,
        distribution: "debian",
        network: {
          bridge: "vmbr0",
          vlan: 20,
          address: "10.20.0.10/16",
          gateway: "10.20.0.1",
          dns: ["10.20.0.1"],
          firewall: false,
        },
        sshKeys: [key],
        startOnBoot: true,
        startup: { order: 50, delaySeconds: 0 },
        protection: true,
        disposable: false,
        image: "debian-pve-01",
        template: "homelab:vztmpl/debian.tar.zst",
        storages: ["local-zfs"],
        disk: { storage: "local-zfs", sizeGib: 8 },
        mountPoints: [{ slot: "mp0", path: "/var/lib/grafana", storage: "local-zfs", sizeGib: 8, backup: true }],
      },
    ]);
  });

  test("may nest where its image asks for it, unless it says otherwise", () => {
    const image = edited("images", "distribution: debian", "distribution: debian\n  nesting: true");
    expect(planWith(image).containers[0]?.nesting).toBe(true);
    const refused = edited("containers", "cores: 2", "cores: 2\n  nesting: false");
    expect(planWith({ ...image, ...refused }).containers[0]?.nesting).toBe(false);
  });

  test("without data may be removed", () => {
    const volume = "  volumes:\n    mp0: { path: /var/lib/grafana, storage: local-zfs, size: 8 GiB }\n";
    expect(planWith(edited("containers", volume, "")).containers[0]).toMatchObject({
      protection: false,
      disposable: false,
      mountPoints: [],
    });
  });

  test("has sorted tags, each once", () => {
    const tags = edited("containers", "cores: 2", "cores: 2\n  tags: [web, monitoring, homelab, web]");
    expect(planWith(tags).containers[0]?.tags).toEqual(["homelab", "monitoring", "web"]);
  });
});

describe("a machine", () => {
  test("from a cloud image has UEFI, fast disks, and neither user nor keys from cloud-init", () => {
    const proxy = planWith().machines.find(({ name }) => name === "proxy");
    expect(proxy).toMatchObject({
      kind: "cloud",
      vmid: 30010,
      machineType: "q35",
      bios: "ovmf",
      efiDisk: { storage: "local-zfs", type: "4m", preEnrolledKeys: false },
      scsiHardware: "virtio-scsi-single",
      serialConsole: true,
      cpuType: "x86-64-v2-AES",
      memoryMib: 2048,
      balloonMib: 2048,
      agent: true,
      protection: false,
      disposable: false,
      image: "cloud-pve-02",
      systemDisk: {
        interface: "scsi0",
        storage: "local-zfs",
        sizeGib: 10,
        iothread: true,
        discard: true,
        backup: true,
        importFrom: "homelab:import/cloud.qcow2",
      },
      dataDisks: [],
      cloudInitStorage: "local-zfs",
    });
    expect(proxy?.kind === "cloud" && proxy.userData).toMatchObject({
      volumeId: "homelab:snippets/30010-proxy-user-data.yaml",
      text: `#cloud-config
hostname: proxy
manage_etc_hosts: true
users:
  - ""
ssh_pwauth: false
disable_root: true
package_update: true
packages:
  - qemu-guest-agent
runcmd:
  - - systemctl
    - enable
    - --now
    - qemu-guest-agent
`,
    });
  });

  test("of Talos gives no memory back, and has an agent only where its image has one", () => {
    const talos = (plan: HomelabPlan) => plan.machines.find(({ name }) => name === "cluster-01");
    expect(talos(planWith())).toMatchObject({
      kind: "talos",
      cluster: "main",
      role: "controlPlane",
      balloonMib: 0,
      agent: false,
      systemDisk: { importFrom: "homelab:import/talos-v1.11.5-cccccccccccc-nocloud-amd64.qcow2" },
      machineConfig: { volumeId: "homelab:snippets/cluster-01-machine-config.yaml" },
    });
    const extension = edited("images", "version:", "extensions: [siderolabs/qemu-guest-agent]\n  version:");
    expect(talos(planWith(extension))?.agent).toBe(true);
  });

  test("keeps a data disk in its slot, and is protected then", () => {
    const disks = "disks: { scsi7: { storage: local-zfs, size: 1536 MiB } }\n  exposure:";
    const proxy = planWith(edited("machines", "exposure:", disks)).machines.find(({ name }) => name === "proxy");
    expect(proxy?.protection).toBe(true);
    expect(proxy?.dataDisks).toEqual([
      { interface: "scsi7", storage: "local-zfs", sizeGib: 2, iothread: true, discard: true, backup: true },
    ]);
  });
});

describe("the firewall", () => {
  const rulesOf = (plan: HomelabPlan) => plan.machines.find(({ name }) => name === "proxy")?.firewall;

  test("before the DMZ lets in what is published and SSH from management, and out to backends, names and time", () => {
    const dns = { direction: "out", action: "ACCEPT", port: "53", comment: "DNS", destination: "10.30.0.1" };
    expect(rulesOf(planWith())).toEqual({
      name: "proxy-firewall",
      optionsName: "proxy-firewall-options",
      inputPolicy: "DROP",
      outputPolicy: "DROP",
      rules: [
        { direction: "in", action: "ACCEPT", protocol: "tcp", port: "443", comment: "published" },
        {
          direction: "in",
          action: "ACCEPT",
          protocol: "tcp",
          port: "22",
          comment: "SSH from management",
          source: "10.10.0.0/24",
        },
        {
          direction: "out",
          action: "ACCEPT",
          protocol: "tcp",
          port: "3000",
          comment: "backend grafana",
          destination: "10.20.0.10",
        },
        { ...dns, protocol: "udp" },
        { ...dns, protocol: "tcp" },
        {
          direction: "out",
          action: "ACCEPT",
          protocol: "udp",
          port: "123",
          comment: "NTP",
          destination: "10.30.0.1",
        },
      ],
    });
  });

  test("lets out to the internet only after all of our networks are closed", () => {
    const internet = "publish: [443], internet: [{ port: 443, reason: Certificates are renewed. }]";
    const rules = rulesOf(planWith(edited("machines", "publish: [443]", internet)))?.rules ?? [];
    expect(rules.slice(-4)).toEqual([
      ...[
        ["dmz", "10.30.0.0/24"],
        ["internal", "10.20.0.0/16"],
        ["management", "10.10.0.0/24"],
      ].map(([name, destination]) => ({
        direction: "out",
        action: "DROP",
        comment: `nothing else of ${name ?? ""}`,
        destination,
      })),
      { direction: "out", action: "ACCEPT", protocol: "tcp", port: "443", comment: "Certificates are renewed." },
    ]);
  });

  test("is on for the datacenter as soon as a guest is guarded, and says so of each node", () => {
    expect(planWith().firewall).toEqual({
      enabled: true,
      inputPolicy: "ACCEPT",
      outputPolicy: "ACCEPT",
      nodes: { "pve-01": false, "pve-02": false },
    });
    const inside = "network: internal\n  address: 10.20.0.30\n  image: cloud\n  needs: [isolation]";
    const unguarded = planWith({
      machines: `web:\n  kind: cloud\n  node: pve-02\n  ${inside}\n  cores: 1\n  memory: 1 GiB\n  disk: { storage: local-zfs, size: 10 GiB }\n`,
      ...edited("waivers", "- rule: imageChecksum", "- rule: imageChecksum"),
    });
    expect(unguarded.firewall.enabled).toBe(false);
    expect(unguarded.machines[0]).not.toHaveProperty("firewall");
  });
});

describe("backups", () => {
  test("are one job per node, of all that is there", () => {
    expect(planWith().backups.map(({ name, node, schedule }) => [name, node, schedule])).toEqual([
      ["daily-pve-01", "pve-01", "01:00"],
      ["daily-pve-02", "pve-02", "02:00"],
    ]);
    expect(planWith().backups[0]).toMatchObject({
      storage: "nas",
      all: true,
      exclude: [],
      mode: "snapshot",
      compression: "zstd",
      bandwidthKib: 102_400,
      repeatMissed: true,
      notes: "{{guestname}} ({{vmid}}) on {{node}}",
      prune: { "keep-daily": "7" },
    });
  });

  test("leave out a guest only on its own node, and the coverage tells it", () => {
    const second = `weekly:\n  storage: nas\n  schedule: { pve-01: sun 05:00, pve-02: sun 06:00 }\n  retention: { weekly: 2 }\n  bandwidth: 1 MiB/s\n  exclude: { proxy: It is made anew from code. }\n`;
    const plan = planWith(edited("backups", "bandwidth: 100 MiB/s\n", `bandwidth: 100 MiB/s\n${second}`));
    expect(plan.backups.map(({ name, exclude }) => [name, exclude])).toEqual([
      ["daily-pve-01", []],
      ["daily-pve-02", []],
      ["weekly-pve-01", []],
      ["weekly-pve-02", [30010]],
    ]);
    expect(plan.outputs.backupCoverage).toMatchObject({
      grafana: [
        { job: "daily", storage: "nas", schedule: "01:00" },
        { job: "weekly", storage: "nas", schedule: "sun 05:00" },
      ],
      proxy: [{ job: "daily", storage: "nas", schedule: "02:00" }],
    });
  });
});

describe("hosts, storages and images", () => {
  test("pools are told by their stable IDs, and which backups make good their loss", () => {
    const pool = planWith().nodes.map(({ pools }) => pools[0]);
    expect(pool).toMatchObject([
      {
        name: "pve-01-rpool",
        origin: "installer",
        raidLevel: "single",
        devices: ["/dev/disk/by-id/nvme-A"],
        coveredBy: ["daily"],
      },
      { raidLevel: "mirror", devices: ["/dev/disk/by-id/nvme-C", "/dev/disk/by-id/nvme-D"], coveredBy: [] },
    ]);
  });

  test("storages say where they are, and options of a mount hold the version", () => {
    const box =
      "box: { type: cifs, origin: create, server: a.example, share: b, username: u, passwordSecret: boxPassword, content: [backup], nodes: [pve-02] }\nnas:";
    const storages = planWith(edited("storage", "nas:", box)).storages;
    expect(storages.map(({ name, nodes, shared }) => [name, nodes, shared])).toEqual([
      ["box", ["pve-02"], true],
      ["homelab", ["pve-01", "pve-02"], false],
      ["local", ["pve-01", "pve-02"], false],
      ["local-zfs", ["pve-01", "pve-02"], false],
      ["nas", ["pve-01", "pve-02"], true],
    ]);
    expect(storages[0]).toMatchObject({ options: "seal,vers=3.11", passwordSecret: "boxPassword" });
    expect(storages[3]).toMatchObject({ dataset: "rpool/data", thin: true, pools: ["pve-01-rpool", "pve-02-rpool"] });
    expect(storages[4]).toMatchObject({ options: "vers=4.2" });
  });

  test("an image is downloaded where a guest needs it, to a shared storage once", () => {
    const images = (plan: HomelabPlan) => plan.images.map(({ name, node }) => [name, node]);
    expect(images(planWith())).toEqual([
      ["cloud-pve-02", "pve-02"],
      ["debian-pve-01", "pve-01"],
      ["talos-pve-01", "pve-01"],
    ]);
    const shared = planWith({
      ...edited("storage", "content: [backup]", "content: [backup, vztmpl]"),
      ...edited(
        "images",
        `value: ${"a".repeat(64)} }\n  storage: homelab`,
        `value: ${"a".repeat(64)} }\n  storage: nas`,
      ),
      ...edited(
        "containers",
        "grafana:",
        "other:\n  node: pve-02\n  network: internal\n  address: 10.20.0.9\n  image: debian\n  cores: 1\n  memory: 1 GiB\n  disk: { storage: local-zfs, size: 8 GiB }\ngrafana:",
      ),
    });
    expect(images(shared)).toContainEqual(["debian-pve-01", "pve-01"]);
    expect(images(shared)).not.toContainEqual(["debian-pve-02", "pve-02"]);
    expect(shared.containers.map(({ image }) => image)).toEqual(["debian-pve-01", "debian-pve-01"]);
  });
});

describe("what is told on every run", () => {
  test("names the quorum of two nodes and of etcd, the pool without redundancy, and each waiver", () => {
    const { warnings, waivers } = planWith();
    expect(warnings).toEqual([
      expect.stringMatching(/^The cluster has two nodes: while one is down, the other has no quorum/),
      "The cluster main stops when pve-01 is down: etcd needs 1 of its 1 control planes, and 0 would be left.",
      "The pool rpool of pve-01 is lost with any of its disks. It is installed again within an hour. Covered by: daily.",
    ]);
    expect(waivers).toEqual(["The rule imageChecksum is waived for images.talos: The factory publishes no checksum."]);
  });

  test("names GitLab below its baseline, and the example's key", () => {
    const { warnings } = planWith({
      ...edited(
        "machines",
        "exposure: internet\n  cores: 2\n  memory: 2 GiB",
        "exposure: internet\n  runs: gitlab\n  cores: 4\n  memory: 8 GiB",
      ),
      ...edited(
        "machines",
        "exposure: internet\n  cores: 2\n  memory: 2 GiB\n  disk: { storage: local-zfs, size: 10 GiB }",
        "exposure: internet\n  runs: gitlab\n  cores: 4\n  memory: 8 GiB\n  disk: { storage: local-zfs, size: 20 GiB }",
      ),
      ...edited("access", "admin@desk", "example@homelab"),
    });
    expect(warnings.slice(-2)).toEqual([
      expect.stringMatching(/^proxy has 8 GiB of memory: GitLab's baseline is 16 GiB/),
      "access.sshKeys.admin is the example's key, which opens nothing: put your own public key there.",
    ]);
  });

  test("tells addresses, URLs, VMIDs and storages", () => {
    const { outputs } = planWith();
    expect(outputs.guests).toEqual({
      "cluster-01": { kind: "machine", vmid: 20020, node: "pve-01", address: "10.20.0.20/16" },
      grafana: {
        kind: "container",
        vmid: 20010,
        node: "pve-01",
        address: "10.20.0.10/16",
        url: "http://10.20.0.10:3000/",
      },
      proxy: { kind: "machine", vmid: 30010, node: "pve-02", address: "10.30.0.10/24" },
    });
    expect(outputs.urls).toEqual({ grafana: "http://10.20.0.10:3000/" });
    expect(outputs.storages["nas"]).toEqual({ type: "nfs", nodes: ["pve-01", "pve-02"], content: ["backup"] });
  });
});

test("the plan is frozen to its last value, and the inventory is not", () => {
  const inventory = loadInventory(resolve(import.meta.dirname, "../.."));
  const thawed = structuredClone(inventory);
  const plan = planHomelab(inventory);
  expect(everyObject(plan).every((value) => Object.isFrozen(value))).toBe(true);
  expect(everyObject(inventory).some((value) => Object.isFrozen(value))).toBe(false);
  expect(inventory).toEqual(thawed);
});

describe("the shipped homelab", () => {
  const plan = planHomelab(loadInventory(resolve(import.meta.dirname, "../..")));

  test("runs services in containers, and in machines what is exposed or needs a kernel", () => {
    expect(plan.containers.map(({ name, vmid, node }) => `${name} ${vmid} ${node}`)).toEqual([
      "grafana 20010 pve-01",
      "influxdb 20012 pve-02",
      "prometheus 20011 pve-01",
      "traefik-internal-01 20021 pve-01",
      "traefik-internal-02 20022 pve-02",
    ]);
    expect(plan.machines.map(({ name, vmid, node }) => `${name} ${vmid} ${node}`)).toEqual([
      "gitlab 20030 pve-01",
      "gitlab-runner 20031 pve-02",
      "talos-control-01 40011 pve-01",
      "talos-control-02 40012 pve-02",
      "talos-control-03 40013 pve-01",
      "talos-worker-01 40021 pve-01",
      "talos-worker-02 40022 pve-02",
      "traefik-dmz 30010 pve-02",
    ]);
    expect(plan.containers.every(({ unprivileged }) => unprivileged)).toBe(true);
  });

  test("backs up every guest daily to the NAS and weekly to the storage box", () => {
    const coverage = Object.values(plan.outputs.backupCoverage);
    expect(coverage).toHaveLength(13);
    for (const jobs of coverage)
      expect(jobs.map(({ job, storage }) => `${job} ${storage}`)).toEqual(["daily nas", "weekly hetzner"]);
  });

  test("puts one machine in the DMZ, and guards it", () => {
    expect(
      plan.machines.filter(({ firewall }) => firewall !== undefined).map(({ name, network }) => [name, network.vlan]),
    ).toEqual([["traefik-dmz", 30]]);
  });
});

function everyObject(value: unknown): object[] {
  if (value === null || typeof value !== "object") return [];
  return [value, ...Object.values(value).flatMap(everyObject)];
}
