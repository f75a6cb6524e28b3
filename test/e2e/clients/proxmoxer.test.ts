import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installPythonPackages, python } from "../../python-packages.ts";

// A client that no one here wrote: https://github.com/proxmoxer/proxmoxer
const session = join(import.meta.dirname, "proxmoxer_session.py");
let simulator: Simulator;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "proxmoxer-"));
  simulator = await startSimulator();
});

afterAll(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true });
});

test.skipIf(python === undefined)(
  "proxmoxer creates, changes, reads and deletes guests, storages, jobs and users",
  async () => {
    expect(await runSession(python ?? "")).toEqual({
      version: "9.2.3",
      nodes: ["pve-01", "pve-02"],
      create: "OK",
      config: { hostname: "web", memory: 1024, description: "made by proxmoxer\n" },
      start: "OK",
      status: "running",
      snapshot: "OK",
      snapshots: ["before", "current"],
      running: { status: 500, reason: "unable to destroy CT 101 - container is running", errors: null },
      twice: {
        status: 500,
        reason: "CT 101 already exists on node 'pve-01'",
        errors: null,
      },
      wrong: {
        status: 400,
        reason: "Parameter verification failed.",
        errors: { memory: "value must have a minimum value of 16" },
      },
      machine: "OK",
      "machine config": { name: "vm", scsi0: "local-zfs:vm-200-disk-0,size=8G" },
      "machine gone": "OK",
      storage: "backup",
      upload: "OK",
      isos: ["local:iso/boot.iso"],
      job: "every night",
      backup: "OK",
      backups: 1,
      "operator sees": [101],
      "operator may not": {
        status: 403,
        reason:
          "Permission check failed (/vms/101, VM.Config.Disk|VM.Config.CPU|VM.Config.Memory|VM.Config.Network|VM.Config.Options)",
        errors: null,
      },
      destroy: "OK",
      left: [],
    });
    expect(simulator.unimplemented).toEqual([]);
  },
);

function runSession(program: string): Promise<unknown> {
  const { hostname: host, port } = new URL(simulator.url);
  const [ca, upload] = [join(folder, "ca.pem"), join(folder, "boot.iso")];
  writeFileSync(ca, simulator.ca);
  writeFileSync(upload, "not really bootable");
  const { username, password, apiToken: token } = simulator;
  const env = {
    ...process.env,
    PYTHONPATH: installPythonPackages(program, join(import.meta.dirname, "requirements.txt")),
    PYTHONDONTWRITEBYTECODE: "1",
  };
  return new Promise((resolve, reject) => {
    const child = execFile(program, [session], { env }, (error, stdout, stderr) => {
      if (error === null) resolve(JSON.parse(stdout));
      else reject(new Error(stderr));
    });
    child.stdin?.end(JSON.stringify({ host, port: Number(port), ca, username, password, token, upload }));
  });
}
