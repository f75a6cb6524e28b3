import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadInventory } from "../../src/inventory/load.ts";
import { planNodeServices } from "../../src/plan/services/node-services.ts";
import { lacks, run, stage } from "./programs.ts";

const shipped = loadInventory(resolve(import.meta.dirname, "../.."));

let folder: string;
let script: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "node-"));
  const step = planNodeServices("pve-01", shipped).find(({ name }) => name === "pve-01-metrics");
  if (step === undefined) throw new Error("The node gets no script.");
  stage(folder, step);
  script = join(folder, "usr/local/libexec/homelab-metrics");
  for (const path of ["bin", "guests/lxc", "guests/qemu-server"]) mkdirSync(join(folder, path), { recursive: true });
  for (const name of ["lxc/20010", "qemu-server/20030"]) writeFileSync(join(folder, `guests/${name}.conf`), "");
  program("zpool", zpool);
  program("zfs", 'test "$*" = "get -Hp -o value creation fast" && echo 1700000000');
  program("pvesm", pvesm);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

// What zpool and pvesm print on Proxmox VE 9.
const zpool = `case "$*" in
"list -Hp -o name,size,allocated") printf 'fast\\t1000204886016\\t250051221504\\nrpool\\t498216206336\\t99643241267\\n' ;;
"status fast") cat <<'END'
  pool: fast
 state: ONLINE
config:

	NAME                                             STATE     READ WRITE CKSUM
	fast                                             ONLINE       0     0     0
	  nvme-Samsung_SSD_9100_PRO_1TB_S7YANJ0Y9100-B   ONLINE       0     0     0

errors: No known data errors
END
;;
"status rpool") cat <<'END'
  pool: rpool
 state: ONLINE
status: One or more devices has experienced an error resulting in data
	corruption.  Applications may be affected.
  scan: scrub repaired 0B in 00:10:33 with 1 errors on Sun Nov  8 00:34:34 2026
config:

	NAME        STATE     READ WRITE CKSUM
	rpool       ONLINE       0     0     0

errors: 1 data errors, use '-v' for a list
END
;;
*) exit 2 ;;
esac`;

const pvesm = `case "$2" in
nas) cat <<'END'
Volid                                                     Format  Type              Size VMID
nas:backup/vzdump-lxc-20010-2026_11_27-01_00_02.tar.zst   tar.zst backup       483729408 20010
nas:backup/vzdump-lxc-20010-2026_11_28-01_00_02.tar.zst   tar.zst backup       483729409 20010
nas:backup/vzdump-qemu-200301-2026_11_28-01_04_00.vma.zst vma.zst backup      9283729409 200301
END
;;
*) echo "storage '$2' is not online" >&2; exit 255 ;;
esac`;

const expected = `# HELP homelab_backup_last_timestamp_seconds When the newest backup of a guest on this node began; 0 where there is none.
# TYPE homelab_backup_last_timestamp_seconds gauge
homelab_backup_last_timestamp_seconds{storage="nas",vmid="20010"} 1795827602
homelab_backup_last_timestamp_seconds{storage="nas",vmid="20030"} 0
# HELP homelab_backup_storage_readable Whether the backups on a storage can be listed.
# TYPE homelab_backup_storage_readable gauge
homelab_backup_storage_readable{storage="hetzner"} 0
homelab_backup_storage_readable{storage="nas"} 1
# HELP homelab_zpool_allocated_bytes What is in use of it.
# TYPE homelab_zpool_allocated_bytes gauge
homelab_zpool_allocated_bytes{zpool="fast"} 250051221504
homelab_zpool_allocated_bytes{zpool="rpool"} 99643241267
# HELP homelab_zpool_data_errors Whether a ZFS pool knows of errors in data that it cannot mend.
# TYPE homelab_zpool_data_errors gauge
homelab_zpool_data_errors{zpool="fast"} 0
homelab_zpool_data_errors{zpool="rpool"} 1
# HELP homelab_zpool_last_scrub_timestamp_seconds When a ZFS pool was read as a whole, or made.
# TYPE homelab_zpool_last_scrub_timestamp_seconds gauge
homelab_zpool_last_scrub_timestamp_seconds{zpool="fast"} 1700000000
homelab_zpool_last_scrub_timestamp_seconds{zpool="rpool"} 1794098074
# HELP homelab_zpool_size_bytes Room in a ZFS pool, with what redundancy takes.
# TYPE homelab_zpool_size_bytes gauge
homelab_zpool_size_bytes{zpool="fast"} 1000204886016
homelab_zpool_size_bytes{zpool="rpool"} 498216206336
`;

test("the script tells of pools and backups, whatever the user's language", () => {
  const { code, messages } = writeMetrics();
  expect(messages).toContain("storage 'hetzner' is not online");
  expect(code).toBe(0);
  expect(metrics()).toBe(expected);
});

test("a scrub that is running counts, and so does a resilver", () => {
  const scan = "scrub repaired 0B in 00:10:33 with 1 errors on Sun Nov  8 00:34:34 2026";
  for (const other of [
    "scrub in progress since Sun Nov  8 00:34:34 2026",
    "resilvered 1.20G in 00:01:02 with 0 errors on Sun Nov  8 00:34:34 2026",
  ]) {
    program("zpool", zpool.replace(scan, other));
    expect(writeMetrics()).toMatchObject({ code: 0 });
    expect(metrics()).toBe(expected);
  }
});

test("what was told before stays where the script fails", () => {
  writeMetrics();
  program("zpool", "exit 1");
  expect(writeMetrics()).toMatchObject({ code: 1 });
  expect(metrics()).toBe(expected);
});

test.skipIf(lacks("promtool"))("promtool takes the metrics", () => {
  writeMetrics();
  expect(run("promtool", ["check", "metrics"], { input: metrics() })).toEqual({ code: 0, output: "", messages: "" });
});

test.skipIf(lacks("shellcheck"))("shellcheck has nothing to say", () => {
  expect(run("shellcheck", [script])).toEqual({ code: 0, output: "", messages: "" });
});

test.skipIf(lacks("systemd-analyze"))("systemd takes the units", () => {
  const units = ["service", "timer"].map((kind) => join(folder, `etc/systemd/system/homelab-metrics.${kind}`));
  const [service = ""] = units;
  chmodSync(script, 0o755);
  writeFileSync(service, readFileSync(service, "utf8").replace("/usr/local/libexec/homelab-metrics", script));
  expect(run("systemd-analyze", ["verify", "--man=no", ...units])).toMatchObject({ code: 0, messages: "" });
});

test("each node lists the storages that its own jobs write to", () => {
  expect(readFileSync(join(folder, "etc/default/homelab-metrics"), "utf8")).toBe('BACKUP_STORAGES="hetzner nas"\n');
  const { daily } = shipped.backups;
  if (daily === undefined) throw new Error("There is no daily backup.");
  const backups = { daily: { ...daily, schedule: { "pve-02": "01:00" } } };
  const stored = ["pve-01", "pve-02"].map(
    (node) =>
      planNodeServices(node, { ...shipped, backups })
        .at(-1)
        ?.files.find(({ path }) => path === "/etc/default/homelab-metrics")?.text,
  );
  expect(stored).toEqual([['BACKUP_STORAGES=""\n'], ['BACKUP_STORAGES="nas"\n']]);
});

function program(name: string, body: string): void {
  writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
}

function writeMetrics() {
  return run("sh", [script], {
    environment: {
      PATH: `${join(folder, "bin")}${delimiter}${process.env["PATH"] ?? ""}`,
      TZ: "UTC",
      LC_ALL: "de_DE.UTF-8",
      GUESTS: join(folder, "guests"),
      BACKUP_STORAGES: "hetzner nas",
      METRICS_FILE: join(folder, "homelab.prom"),
    },
  });
}

function metrics(): string {
  return readFileSync(join(folder, "homelab.prom"), "utf8");
}
