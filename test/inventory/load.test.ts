import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadInventory } from "../../src/inventory/load.ts";
import { edited, homelabFiles, problemsOf, writeHomelab, type HomelabFiles } from "./homelab-files.ts";

let project: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "inventory-"));
});

afterEach(() => {
  rmSync(project, { recursive: true });
});

test("the shipped inventory loads", () => {
  expect(() => loadInventory(resolve(import.meta.dirname, "../.."))).not.toThrow();
});

test("sizes are kept in bytes, times in seconds, and what is left out gets its default", () => {
  writeHomelab(project, edited("containers", "cores: 2", "cores: 2\n  startup: { order: 1, delay: 2 min }"));
  const { nodes, containers, machines, backups, networks } = loadInventory(project);
  expect(nodes["pve-02"]?.disks["first"]?.size).toBe(500e9);
  expect(containers["grafana"]).toMatchObject({
    memory: 2 ** 30,
    swap: 512 * 2 ** 20,
    disk: { size: 8 * 2 ** 30 },
    startup: { order: 1, delay: 120 },
    privileged: false,
    tags: [],
  });
  expect(machines["proxy"]).toMatchObject({ cpuType: "x86-64-v2-AES", user: "ops", disks: {}, needs: [] });
  expect(backups["daily"]).toMatchObject({ bandwidth: 100 * 2 ** 20, mode: "snapshot", repeatMissed: true });
  expect(networks["internal"]?.bridge).toBe("vmbr0");
});

describe("one value", () => {
  test.each<[string, Partial<HomelabFiles>, string]>([
    [
      "a size without a unit that is known",
      edited("containers", "memory: 1 GiB", "memory: 1 GB"),
      `config/homelab/containers.yaml:8:11  containers.grafana.memory
  "1 GB" is not a size.
  Write a whole number and MiB, GiB or TiB, such as 512 MiB or 8 GiB.`,
    ],
    [
      "a size that is a number",
      edited("containers", "memory: 1 GiB", "memory: 1024"),
      `config/homelab/containers.yaml:8:11  containers.grafana.memory
  1024 is not a size.
  Write a whole number and MiB, GiB or TiB, such as 512 MiB or 8 GiB.`,
    ],
    [
      "a VMID that Proxmox keeps for itself",
      edited("containers", "vmid: 20010", "vmid: 99"),
      `config/homelab/containers.yaml:3:9  containers.grafana.vmid
  99 is too low: Proxmox keeps the VMIDs below 100 for itself.
  Choose one from 100 to 999999999.`,
    ],
    [
      "an address with an octet too high",
      edited("containers", "address: 10.20.0.10", "address: 10.20.0.300"),
      `config/homelab/containers.yaml:5:12  containers.grafana.address
  "10.20.0.300" is not an IPv4 address.
  Write four numbers from 0 to 255 with dots, such as 10.20.0.10.`,
    ],
    [
      "a misspelt setting",
      edited("backups", "bandwidth:", "bandwith:"),
      `config/homelab/backups.yaml:1:1  backups.daily.bandwidth
  This setting is missing.
  Write a whole number and MiB/s or GiB/s, such as 80 MiB/s.

config/homelab/backups.yaml:5:3  backups.daily.bandwith
  There is no setting "bandwith" here.
  Did you mean "bandwidth"? Known: storage, schedule, retention, bandwidth, mode, compression, notes, repeatMissed, exclude, onDrift.`,
    ],
    [
      "a setting that another kind has",
      edited("images", "distribution: debian", "distribution: debian\n  version: v1.0.0"),
      `config/homelab/images.yaml:4:3  images.debian.version
  There is no setting "version" here.
  Known: kind, storage, checksum, onDrift, url, fileName, distribution, nesting.`,
    ],
    [
      "a misspelt setting in a block that all kinds have",
      edited("machines", "size: 10 GiB", "sizes: 10 GiB"),
      `config/homelab/machines.yaml:10:3  machines.proxy.disk.size
  This setting is missing.
  Write a whole number and MiB, GiB or TiB, such as 512 MiB or 8 GiB.

config/homelab/machines.yaml:10:31  machines.proxy.disk.sizes
  There is no setting "sizes" here.
  Did you mean "size"? Known: storage, size.`,
    ],
    [
      "a kind that there is not",
      edited("machines", "kind: cloud", "kind: clod"),
      `config/homelab/machines.yaml:2:9  machines.proxy.kind
  "clod" is not known here.
  Did you mean "cloud"? Known: cloud, talos.`,
    ],
    [
      "a machine that does not say its kind",
      edited("machines", "  kind: cloud\n", ""),
      `config/homelab/machines.yaml:1:1  machines.proxy.kind
  This setting is missing.
  Write one of: cloud, talos.`,
    ],
    [
      "a word that is none of those that may stand there",
      edited("networks", "zone: dmz", "zone: dnz"),
      `config/homelab/networks.yaml:3:84  networks.dmz.zone
  "dnz" is not known here.
  Did you mean "dmz"? Known: management, internal, dmz.`,
    ],
    [
      "a word for drift that there is not",
      edited("containers", "cores: 2", "cores: 2\n  onDrift: repair"),
      `config/homelab/containers.yaml:8:12  containers.grafana.onDrift
  "repair" is not known here.
  Did you mean "report"? Known: report, restore, accept.`,
    ],
    [
      "one of them within a node",
      edited("nodes", "origin: installer, layout: mirror", "origin: installer, onDrift: yes, layout: mirror"),
      `config/homelab/nodes.yaml:32:42  nodes.pve-02.pools.rpool.onDrift
  "yes" is not known here.
  Known: report, restore, accept.`,
    ],
    [
      "a text where a list is expected",
      edited("networks", "dns: [10.30.0.1]", "dns: 10.30.0.1"),
      `config/homelab/networks.yaml:3:65  networks.dmz.dns
  "10.30.0.1" is not a list.
  Write a list.`,
    ],
    [
      "a guest's name that is no hostname",
      edited("containers", "grafana:", "Grafana_1:"),
      `config/homelab/containers.yaml:1:1  containers.Grafana_1
  "Grafana_1" is not the name of a guest.
  Use up to 63 letters, digits and inner hyphens.`,
    ],
    [
      "a guest's name with a dot, which Proxmox VE takes",
      edited("containers", "grafana:", "grafana.example.net:"),
      `config/homelab/containers.yaml:1:1  containers.grafana.example.net
  "grafana.example.net" has a dot. Proxmox VE takes that, but here the name becomes one label below services.domain.
  Use the part before the dot; a guest that is there is renamed by pct set VMID --hostname NAME or qm set VMID --name NAME.`,
    ],
    [
      "a node's name that no node has",
      edited("nodes", "pve-02:", "pve_02:"),
      `config/homelab/nodes.yaml:19:1  nodes.pve_02
  "pve_02" is not the name of a node.
  Write it as pvecm nodes prints it: up to 63 letters, digits and inner hyphens.`,
    ],
    [
      "a tag with a blank",
      edited("containers", "cores: 2", "cores: 2\n  tags: [Living room]"),
      `config/homelab/containers.yaml:8:10  containers.grafana.tags.0
  "Living room" is not a tag.
  Use letters, digits and _, and besides + . - after the first.`,
    ],
    [
      "a network with host bits set",
      edited("networks", "10.30.0.0/24", "10.30.0.1/24"),
      `config/homelab/networks.yaml:3:26  networks.dmz.subnet
  "10.30.0.1/24" is not an IPv4 network.
  Write its first address and the prefix length, such as 10.20.0.0/24.`,
    ],
    [
      "a disk by a path that changes",
      edited("nodes", "/dev/disk/by-id/nvme-A", "/dev/nvme0n1"),
      `config/homelab/nodes.yaml:11:19  nodes.pve-01.disks.system.id
  "/dev/nvme0n1" may be another disk after the next start.
  Write /dev/disk/by-id/… as \`ls -l /dev/disk/by-id\` prints it, without -part.`,
    ],
    [
      "a size of a disk that is not in units of its seller",
      edited("nodes", "nvme-A, model: Samsung, size: 1 TB", "nvme-A, model: Samsung, size: 931 GiB"),
      `config/homelab/nodes.yaml:11:65  nodes.pve-01.disks.system.size
  "931 GiB" is not the size of a disk.
  Write it as it is sold, in GB or TB, such as 500 GB or 1.92 TB.`,
    ],
    [
      "a ratio that promises what is not there",
      edited("nodes", "layout: mirror, disks", "layout: mirror, diskRatio: 9, disks"),
      `config/homelab/nodes.yaml:32:60  nodes.pve-02.pools.rpool.diskRatio
  The ratio promises more than thin volumes can keep.
  Write 1, or a little more.`,
    ],
    [
      "a pool whose name ZFS keeps for itself",
      edited("nodes", "rpool:\n      origin", "mirror1:\n      origin"),
      `config/homelab/nodes.yaml:14:5  nodes.pve-01.pools.mirror1
  "mirror1" is not a name that ZFS takes for a pool.
  Begin with a letter; names like mirror or raidz are ZFS's own.`,
    ],
    [
      "a pool without redundancy that gives no reason",
      edited("nodes", "reason: It is installed again within an hour.", "reason: because"),
      `config/homelab/nodes.yaml:18:41  nodes.pve-01.pools.rpool.redundancy.reason
  "because" is no reason.
  Write a sentence that will still convince in a year.`,
    ],
    [
      "a mount point that Proxmox does not know",
      edited("containers", "mp0:", "data:"),
      `config/homelab/containers.yaml:11:5  containers.grafana.volumes.data
  "data" is not a mount point.
  Use mp0, mp1 and so on; a volume keeps its number.`,
    ],
    [
      "a data disk in the system's slot",
      edited("machines", "exposure:", "disks: { scsi0: { storage: local-zfs, size: 1 GiB } }\n  exposure:"),
      `config/homelab/machines.yaml:7:12  machines.proxy.disks.scsi0
  "scsi0" is not a slot for a data disk.
  Use scsi1 to scsi30; a disk keeps its slot, and scsi0 is the system's.`,
    ],
    [
      "a time that is none",
      edited("backups", '"02:00"', '"2:00"'),
      `config/homelab/backups.yaml:3:40  backups.daily.schedule.pve-02
  "2:00" is not a time.
  Write a time for each day, such as 01:30, or a weekday before it: sun 04:00.`,
    ],
    [
      "a job that keeps nothing",
      edited("backups", "daily: 7 ", "daily: 0 "),
      `config/homelab/backups.yaml:4:14  backups.daily.retention
  No backup would be kept.
  Keep one at least: daily, weekly or monthly.`,
    ],
    [
      "a checksum that is too short",
      edited("images", "a".repeat(64), "a".repeat(63)),
      `config/homelab/images.yaml:6:41  images.debian.checksum.value
  The checksum does not have the length that its algorithm makes.
  Copy all of it, in lower case.`,
    ],
    [
      "an import that Proxmox would not take by its name",
      edited("images", "fileName: cloud.qcow2", "fileName: cloud.img"),
      `config/homelab/images.yaml:11:13  images.cloud.fileName
  "cloud.img" has not the ending that Proxmox asks for.
  Write one such as debian-13.qcow2.`,
    ],
    [
      "a password in place of its name",
      edited(
        "storage",
        "nas:",
        "box: { type: cifs, origin: create, server: a.example, share: b, username: u, passwordSecret: pa$$w0rd, content: [backup] }\nnas:",
      ),
      `config/homelab/storage.yaml:4:94  storage.box.passwordSecret
  This is not the name of a setting.
  Write a name such as hetznerPassword; the password itself never stands here.`,
    ],
    [
      "a folder in the name of a share",
      edited(
        "storage",
        "nas:",
        "box: { type: cifs, origin: create, server: a.example, share: u1-sub1/backup/pve, username: u, passwordSecret: boxPassword, content: [backup] }\nnas:",
      ),
      `config/homelab/storage.yaml:4:62  storage.box.share
  "u1-sub1/backup/pve" is a share with a folder in it.
  Write share: u1-sub1, and subdir: /backup/pve.`,
    ],
    [
      "several options of a mount in one",
      edited(
        "storage",
        "nas:",
        "box: { type: cifs, origin: create, server: a.example, share: b, username: u, passwordSecret: boxPassword, options: ['seal,nodfs'], content: [backup] }\nnas:",
      ),
      `config/homelab/storage.yaml:4:117  storage.box.options.0
  "seal,nodfs" is not an option of a mount.
  Write one such as seal, each on its own.`,
    ],
    [
      "a private key",
      edited(
        "access",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJBhTCjl5Wup/bnPAaidYlI3hKXCySl2KDwsi/TvcCXK admin@desk",
        '"-----BEGIN OPENSSH PRIVATE KEY-----"',
      ),
      `config/homelab/access.yaml:2:10  access.sshKeys.admin
  This is not a public key that OpenSSH still likes.
  Copy the line of ~/.ssh/id_ed25519.pub.`,
    ],
    [
      "a public key of which a part is missing",
      edited("access", "TvcCXK", "TvcC"),
      `config/homelab/access.yaml:2:10  access.sshKeys.admin
  A part of this public key is missing, so that it would open nothing.
  Copy the whole line of the .pub file.`,
    ],
    [
      "a homelab without any key",
      { access: "sshKeys: {}\n" },
      `config/homelab/access.yaml:1:10  access.sshKeys
  Nobody could log in.
  Give at least one public key.`,
    ],
    [
      "a waiver of a rule that there is not",
      edited("waivers", "rule: imageChecksum", "rule: imageCheksum"),
      `config/homelab/waivers.yaml:1:9  waivers.0.rule
  "imageCheksum" is not known here.
  Did you mean "imageChecksum"? Known: backup, backupTarget, disk, docker, exposure, imageChecksum, managementNetwork, memory, onlyCopy, placement, privileged, replicas, requirements.`,
    ],
    [
      "something besides that drift never finds",
      { others: "- what: disk sda\n  reason: It has always been there.\n" },
      `config/homelab/others.yaml:1:9  others.0.what
  "disk sda" is nothing that drift finds.
  Write it as npm run drift names it, beginning with one of: IP set, alias, backup job, container, firewall rule, group, machine, metric server, permission of, realm, resource pool, role, security group, storage, token, user.`,
    ],
    [
      "something besides without a reason",
      { others: "- what: user alice@pam\n" },
      `config/homelab/others.yaml:1:1  others.0.reason
  This setting is missing.
  Write a sentence that will still convince in a year.`,
    ],
  ])("refuses %s", (_what, changed, message) => {
    writeHomelab(project, changed);
    expect(problemsOf(project)).toBe(message);
  });

  test("never repeats what might be a secret", () => {
    writeHomelab(
      project,
      edited(
        "access",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJBhTCjl5Wup/bnPAaidYlI3hKXCySl2KDwsi/TvcCXK admin@desk",
        "b3BlbnNzaC1rZXk",
      ),
    );
    expect(problemsOf(project)).not.toContain("b3BlbnNzaC1rZXk");
  });
});

describe("files", () => {
  test("reports what is wrong in all files at once, in file order", () => {
    writeHomelab(project, {
      ...edited("nodes", "10.10.0.11", "x"),
      ...edited("containers", "cores: 2", "cores: 0"),
    });
    expect(problemsOf(project).match(/^config\S+/gm)).toEqual([
      "config/homelab/containers.yaml:7:10",
      "config/homelab/nodes.yaml:3:12",
    ]);
  });

  test("points at broken YAML", () => {
    writeHomelab(project, { nodes: "pve-01: [\n" });
    expect(problemsOf(project)).toMatch(/^config\/homelab\/nodes\.yaml:2:1 {2}nodes\n {2}This is not valid YAML: /);
  });

  test("points at a key that is given twice", () => {
    writeHomelab(project, { access: `${homelabFiles.access}sshKeys: {}\n` });
    expect(problemsOf(project)).toContain('access.yaml:3:1  access\n  "sshKeys" stands here twice');
  });

  test("names a file that is missing", () => {
    writeHomelab(project);
    rmSync(join(project, "config/homelab/networks.yaml"));
    expect(problemsOf(project)).toContain("config/homelab/networks.yaml:1:1  networks\n  This setting is missing.");
  });

  test("does without containers, machines and waivers", () => {
    const { machines: _machines, ...rest } = homelabFiles;
    writeHomelab(project, { ...rest, containers: "# none yet\n", machines: "", waivers: "" });
    writeFileSync(join(project, "config/homelab/images.yaml"), homelabFiles.images.split("talos:")[0] ?? "");
    expect(loadInventory(project)).toMatchObject({ containers: {}, machines: {}, waivers: [] });
  });

  test("suggests the name of a misspelt file", () => {
    writeHomelab(project);
    writeFileSync(join(project, "config/homelab/container.yaml"), "");
    expect(problemsOf(project)).toContain('There is no such part of the inventory.\n  Did you mean "containers"?');
  });

  test("says what to create where there is no folder", () => {
    expect(problemsOf(project)).toMatch(
      /^config\/homelab:1:1 {2}inventory\n {2}The folder cannot be read: .*\n {2}Create it, with nodes, networks, storage, /,
    );
  });

  test("refuses aliases that multiply", () => {
    const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
    for (const [name, previous] of ["ba", "cb", "dc", "ed"].map((pair) => pair.split(""))) {
      bomb.push(`${name ?? ""}: &${name ?? ""} [${Array.from({ length: 9 }, () => `*${previous ?? ""}`).join(", ")}]`);
    }
    writeHomelab(project, { nodes: bomb.join("\n") });
    expect(problemsOf(project)).toContain("This YAML cannot be read: Excessive alias count");
  });
});
