import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadInventory } from "../../src/inventory/load.ts";
import { waivableRules } from "../../src/inventory/waivers.ts";
import { edited, homelabFiles, problemsOf, writeHomelab, type HomelabFiles } from "./homelab-files.ts";

let project: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "inventory-"));
});

afterEach(() => {
  rmSync(project, { recursive: true });
});

interface Policy {
  readonly rule: (typeof waivableRules)[number];
  readonly what: string;
  readonly changed: Partial<HomelabFiles>;
  readonly subject: string;
  /** Without the sentence that tells how to waive it. */
  readonly message: string;
}

const publicContainer = edited(
  "containers",
  "service:",
  "exposure: internet\n  firewall: { publish: [443] }\n  service:",
);

const policies: readonly Policy[] = [
  {
    rule: "placement",
    what: "a container that needs a kernel",
    changed: edited("containers", "cores: 2", "cores: 2\n  needs: [kernel]"),
    subject: "containers.grafana",
    message: `containers.yaml:8:10  containers.grafana.needs
  A container shares the node's kernel: it has none of its own, and little keeps it from its neighbours.
  Make it a machine: move it to machines.yaml.`,
  },
  {
    rule: "placement",
    what: "a container in the DMZ",
    changed: edited("containers", "network: internal\n  address: 10.20.0.10", "network: dmz\n  address: 10.30.0.9"),
    subject: "containers.grafana",
    message: `containers.yaml:4:12  containers.grafana.network
  What the internet can reach runs in a machine: who breaks out of a container has the node.
  Make it a machine: move it to machines.yaml.`,
  },
  {
    rule: "placement",
    what: "a machine that could be a container",
    changed: edited("machines", "  needs: [kernel]\n", ""),
    subject: "machines.cluster-01",
    message: `machines.yaml:13:9  machines.cluster-01.kind
  Nothing says why this is a machine: a container starts faster, and needs less memory and disk.
  Say what it needs (docker, isolation or kernel), or move it to containers.yaml.`,
  },
  {
    rule: "exposure",
    what: "an exposed machine outside of the DMZ",
    changed: edited("machines", "network: dmz\n  address: 10.30.0.10", "network: internal\n  address: 10.20.0.30"),
    subject: "machines.proxy",
    message: `machines.yaml:4:12  machines.proxy.network
  What the internet can reach stands in the DMZ: from internal a break-in goes on to everything else.
  Put it on dmz.`,
  },
  {
    rule: "managementNetwork",
    what: "a guest on the nodes' network",
    changed: edited(
      "machines",
      "network: internal\n  address: 10.20.0.20",
      "network: management\n  address: 10.10.0.30",
    ),
    subject: "machines.cluster-01",
    message: `machines.yaml:17:12  machines.cluster-01.network
  On this network a guest can reach the nodes' own web interface and SSH.
  Put it on internal.`,
  },
  {
    rule: "privileged",
    what: "a privileged container",
    changed: edited("containers", "cores: 2", "cores: 2\n  privileged: true"),
    subject: "containers.grafana",
    message: `containers.yaml:8:15  containers.grafana.privileged
  Root in a privileged container is root on the node.
  Leave privileged out, and map what it must own.`,
  },
  {
    rule: "docker",
    what: "Docker in a container",
    changed: edited("containers", "cores: 2", "cores: 2\n  needs: [docker]"),
    subject: "containers.grafana",
    message: `containers.yaml:8:10  containers.grafana.needs
  Docker in a container stacks one set of namespaces on another: it wants nesting and keyctl, and breaks when the node's kernel or ZFS is upgraded.
  Make it a machine: move it to machines.yaml.`,
  },
  {
    rule: "replicas",
    what: "two replicas on one node",
    changed: {
      containers: ["10", "11"]
        .map((host) =>
          homelabFiles.containers
            .replace("  vmid: 20010\n", "  replicaOf: dashboards\n")
            .replace("grafana:\n", `${host === "10" ? "grafana" : "grafana-2"}:\n`)
            .replace("10.20.0.10", `10.20.0.${host}`),
        )
        .join(""),
    },
    subject: "containers.grafana-2",
    message: `containers.yaml:14:9  containers.grafana-2.node
  pve-01 has a replica of dashboards already, containers.grafana: both would be down with it.
  Put it on another node.`,
  },
  {
    rule: "backup",
    what: "a guest that every job leaves out",
    changed: { backups: `${homelabFiles.backups}  exclude: { proxy: It holds nothing of its own. }\n` },
    subject: "machines.proxy",
    message: `machines.yaml:1:1  machines.proxy
  No job backs it up daily: a lost disk or a slip of the hand costs all of proxy.
  Give pve-02 a time in a daily job of backups.yaml, and do not exclude proxy there.`,
  },
  {
    rule: "backup",
    what: "a guest that is backed up weekly only",
    changed: edited("backups", '"02:00"', "sun 02:00"),
    subject: "machines.proxy",
    message: `machines.yaml:1:1  machines.proxy
  No job backs it up daily: a lost disk or a slip of the hand costs all of proxy.
  Give pve-02 a time in a daily job of backups.yaml, and do not exclude proxy there.`,
  },
  {
    rule: "onlyCopy",
    what: "a volume without backup on a pool without redundancy",
    changed: edited("containers", "size: 8 GiB }\n  service", "size: 8 GiB, backup: false }\n  service"),
    subject: "containers.grafana",
    message: `containers.yaml:11:45  containers.grafana.volumes.mp0.storage
  This would be the only copy: the pool rpool of pve-01 has no redundancy, and its backup is switched off.
  Back it up, or keep it on a pool with a mirror.`,
  },
  {
    rule: "onlyCopy",
    what: "a guest that the pool's job leaves out",
    changed: {
      backups: `${homelabFiles.backups}  exclude: { cluster-01: It is made anew. }\nnightly:\n  storage: nas\n  schedule: { pve-01: "05:00" }\n  retention: { daily: 1 }\n  bandwidth: 1 MiB/s\n`,
    },
    subject: "machines.cluster-01",
    message: `machines.yaml:23:20  machines.cluster-01.disk.storage
  This would be the only copy: the pool rpool of pve-01 has no redundancy, and none of daily covers this guest.
  Back it up, or keep it on a pool with a mirror.`,
  },
  {
    rule: "backupTarget",
    what: "backups on the nodes' own disks",
    changed: edited("backups", "storage: nas", "storage: local"),
    subject: "backups.daily",
    message: `backups.yaml:2:12  backups.daily.storage
  The storage local is on the nodes' own disks: a backup there is lost with what it was made of.
  Choose a storage on another machine, of type nfs or cifs.`,
  },
  {
    rule: "memory",
    what: "more memory than a node has",
    changed: edited("machines", "memory: 2 GiB", "memory: 12289 MiB"),
    subject: "nodes.pve-02",
    message: `nodes.yaml:23:11  nodes.pve-02.memory
  The guests of pve-02 are promised 12289 MiB, and 12 GiB are left for them (16 GiB less 2 GiB for ZFS's cache and 2 GiB for Proxmox VE), at a ratio of 1.
  Move a guest, give one less, or raise memoryRatio if they never all need it at once.`,
  },
  {
    rule: "disk",
    what: "more than fits on a mirror, which holds what one of its disks does",
    changed: edited("machines", "size: 10 GiB }\n  firewall", "size: 442 GiB }\n  firewall"),
    subject: "nodes.pve-02.pools.rpool",
    message: `nodes.yaml:32:56  nodes.pve-02.pools.rpool.disks
  The volumes on rpool of pve-02 are promised 442 GiB, and 441 GiB fit on it (465 GiB less what ZFS keeps for itself and 10 GiB for Proxmox VE), at a ratio of 1.
  Make one smaller, put one on another pool, or raise diskRatio if they never all fill up.`,
  },
  {
    rule: "disk",
    what: "more than fits on stripes, which hold what all of their disks do",
    changed: {
      ...edited("nodes", "layout: individual\n      disks: [system]", "layout: striped\n      disks: [data, system]"),
      ...edited("containers", "local-zfs, size: 8 GiB }\n  service", "local-zfs, size: 1800 GiB }\n  service"),
    },
    subject: "nodes.pve-01.pools.rpool",
    message: `nodes.yaml:17:14  nodes.pve-01.pools.rpool.disks
  The volumes on rpool of pve-01 are promised 1818 GiB, and 1794 GiB fit on it (1862 GiB less what ZFS keeps for itself and 10 GiB for Proxmox VE), at a ratio of 1.
  Make one smaller, put one on another pool, or raise diskRatio if they never all fill up.`,
  },
  {
    rule: "requirements",
    what: "GitLab with less memory than it runs with",
    changed: edited("machines", "exposure: internet\n  cores: 2", "exposure: internet\n  runs: gitlab\n  cores: 4"),
    subject: "machines.proxy",
    message: `machines.yaml:10:11  machines.proxy.memory
  GitLab asks for 8 GiB at least, and this is 2 GiB (https://docs.gitlab.com/install/requirements/).
  Write 8 GiB or more.`,
  },
  {
    rule: "requirements",
    what: "a Talos control plane with one core",
    changed: edited("machines", "needs: [kernel]\n  cores: 2", "needs: [kernel]\n  cores: 1"),
    subject: "machines.cluster-01",
    message: `machines.yaml:21:10  machines.cluster-01.cores
  A Talos control plane asks for 2 at least, and this is 1 (https://docs.siderolabs.com/talos/v1.11/getting-started/system-requirements).
  Write 2 or more.`,
  },
  {
    rule: "imageChecksum",
    what: "an image without a checksum",
    changed: edited("images", `  checksum: { algorithm: sha256, value: ${"b".repeat(64)} }\n`, ""),
    subject: "images.cloud",
    message: `images.yaml:8:1  images.cloud
  Nothing proves that the file is the one that was meant: it has no checksum.
  Add checksum with algorithm and value, as its publisher gives them.`,
  },
];

describe.each(policies)("$what", ({ rule, changed, subject, message }) => {
  test("is refused, with the reason", () => {
    writeHomelab(project, changed);
    const remedy = `Or waive ${rule} for ${subject} in waivers.yaml, with the reason.`;
    expect(problemsOf(project).split("\n\n")).toContain(`config/homelab/${message} ${remedy}`);
  });

  test("is allowed where a waiver says why", () => {
    const waiver = `- { rule: ${rule}, subject: ${subject}, reason: We know what we do here. }\n`;
    writeHomelab(project, { ...changed, waivers: homelabFiles.waivers + waiver });
    expect(problemsOf(project)).not.toContain(message);
  });
});

test("every rule that can be waived is tested", () => {
  expect([...new Set(policies.map(({ rule }) => rule))].sort()).toEqual([...waivableRules].sort());
});

test("a container that the internet can reach breaks two rules, and both are told", () => {
  writeHomelab(project, publicContainer);
  expect(problemsOf(project).match(/Or waive \w+/g)).toEqual(["Or waive exposure", "Or waive placement"]);
});

test("a machine that just fits into its node is taken", () => {
  writeHomelab(project, edited("machines", "memory: 2 GiB", "memory: 12 GiB"));
  expect(problemsOf(project)).toBe("");
});

test("memory may be promised more than once where the ratio says so", () => {
  writeHomelab(project, {
    ...edited("machines", "memory: 2 GiB", "memory: 18 GiB"),
    ...edited("nodes", "arcLimit: 2 GiB", "arcLimit: 2 GiB\n  memoryRatio: 1.5"),
  });
  expect(problemsOf(project)).toBe("");
});

test("volumes that just fit on a pool are taken", () => {
  writeHomelab(project, edited("machines", "size: 10 GiB }\n  firewall", "size: 441 GiB }\n  firewall"));
  expect(problemsOf(project)).toBe("");
});

test("a pool that this program creates has no system on it", () => {
  writeHomelab(project, {
    ...edited("nodes", "rpool: { origin: installer, layout: mirror", "rpool: { origin: create, layout: mirror"),
    ...edited("machines", "size: 10 GiB }\n  firewall", "size: 451 GiB }\n  firewall"),
  });
  expect(problemsOf(project)).not.toContain("are promised");
});

test("volumes may be promised more than fits where the ratio says so", () => {
  writeHomelab(project, {
    ...edited("nodes", "layout: mirror, disks", "layout: mirror, diskRatio: 1.5, disks"),
    ...edited("machines", "size: 10 GiB }\n  firewall", "size: 660 GiB }\n  firewall"),
  });
  expect(problemsOf(project)).toBe("");
});

test("a volume that is not backed up is taken on a mirror", () => {
  const disks = "disks: { scsi1: { storage: local-zfs, size: 1 GiB, backup: false } }";
  writeHomelab(project, edited("machines", "exposure:", `${disks}\n  exposure:`));
  expect(problemsOf(project)).toBe("");
});

test("a waiver that waives nothing is refused", () => {
  const idle = "- { rule: privileged, subject: containers.grafana, reason: It once was one. }\n";
  writeHomelab(project, { waivers: homelabFiles.waivers + idle });
  expect(problemsOf(project)).toBe(`config/homelab/waivers.yaml:4:32  waivers.1.subject
  containers.grafana keeps to the rule privileged, so there is nothing to waive.
  Remove this waiver.`);
});

test("a waiver with a misspelt subject is told the right one", () => {
  writeHomelab(project, edited("waivers", "images.talos", "image.talos"));
  expect(problemsOf(project)).toContain(
    '  image.talos keeps to the rule imageChecksum, so there is nothing to waive.\n  Did you mean "images.talos"? Known: images.talos.',
  );
  expect(() => loadInventory(project)).toThrow(/The inventory has 2 problems/);
});
