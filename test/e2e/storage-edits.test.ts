import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { buildSmallHomelab, type SmallHomelab } from "./small-homelab.ts";
import "./skip-checkpoints.ts";

// Edits of storages that are built: an entry is no file, but what Proxmox VE finds files and disks by.
let lab: SmallHomelab;

beforeAll(async () => {
  lab = await buildSmallHomelab();
});

afterEach(() => lab.restore());

afterAll(() => lab.close());

const backup = "backup/vzdump-lxc-20010-2026_01_01-01_00_00.tar.zst";
const oldExport = "left at nfs 10.10.0.20 /volume1/proxmox";
const newExport = "left at nfs 10.10.0.20 /volume2/proxmox";

/** Puts a backup and an ISO image on the NAS, as a backup job and a person would. */
function fillNas(home = "nas"): void {
  lab.simulator.change(({ volumes }) => {
    const facts = { size: 1, created: 1 };
    volumes[home] = {
      [backup]: { name: backup, content: "backup", format: "tar.zst", vmid: 20010, ...facts },
      "iso/debian.iso": { name: "iso/debian.iso", content: "iso", format: "iso", ...facts },
    };
  });
}

test("an edit after which something would be out of sight is refused with all others, and nothing is sent", async () => {
  fillNas();
  lab.edit("storage", "/volume1/proxmox", "/volume2/proxmox");
  lab.edit("storage", "/srv/homelab", "/srv/other");
  lab.edit("storage", "pool: fast,", "pool: fast, thin: false,");
  const { code, text, writes } = await lab.up();
  expect(text).toContain("The inventory has 3 problems.");
  expect(text).toContain("goes out of sight: 1 backup, 1 ISO image.");
  expect(text).toContain("the user data of build (VMID 20030), 1 disk image, 1 snippet, 1 container template.");
  expect(text).toContain("on pve-02: mkdir -p /srv/other && cp -a /srv/homelab/. /srv/other/");
  expect(text).toContain("on pve-01: pvesm set fast --sparse 0");
  expect([code, writes]).not.toContain(0);
  expect(writes).toEqual([]);
});

describe("an export that has moved", () => {
  test("is shown once its user says that the files are there, and compared with what was there", async () => {
    fillNas();
    fillNas(newExport);
    lab.edit("storage", "/volume1/proxmox", "/volume2/proxmox");
    const { code, text, writes } = await lab.up("--repoint-storage", "nas");
    expect(text).toContain("What is at 10.10.0.20:/volume1/proxmox stays there.");
    expect(code).toBe(0);
    expect(writes.filter((write) => !write.includes("/tasks/"))).toEqual(["DELETE /storage/nas", "POST /storage"]);
    const { volumes, storages } = lab.simulator.state;
    expect(storages["nas"]?.config["export"]).toBe("/volume2/proxmox");
    expect(Object.keys(volumes["nas"] ?? {})).toEqual([backup, "iso/debian.iso"]);
    expect(Object.keys(volumes[oldExport] ?? {})).toEqual([backup, "iso/debian.iso"]);
  });

  test("ends with what is missing there, and can go back", async () => {
    fillNas();
    lab.edit("storage", "/volume1/proxmox", "/volume2/proxmox");
    const moved = await lab.up("--repoint-storage", "nas");
    expect(moved.text).toContain(`nas does not show any more:\n  nas:${backup} (seen from pve-01)`);
    expect(moved.code).toBe(1);
    lab.edit("storage", "/volume2/proxmox", "/volume1/proxmox");
    expect((await lab.up()).code).toBe(0);
    expect(Object.keys(lab.simulator.state.volumes["nas"] ?? {})).toEqual([backup, "iso/debian.iso"]);
  });
});

test("images and user data move to another storage, and the old one goes: no guest is touched", async () => {
  const before = lab.guests();
  lab.edit(
    "storage",
    "homelab:",
    "files: { type: dir, origin: create, path: /srv/files, content: [import, snippets, vztmpl] }\nhomelab:",
  );
  for (const checksum of ["a", "b"])
    lab.edit("images", `${checksum.repeat(64)} }\n  storage: homelab`, `${checksum.repeat(64)} }\n  storage: files`);
  const moved = await lab.up();
  expect(moved.text).toContain("The file homelab:vztmpl/debian-13.1.tar.zst goes from pve-01");
  expect(moved.code).toBe(0);
  expect(lab.guests()).toEqual(before);
  expect(filesOf("pve-01/files")).toEqual(["vztmpl/debian-13.1.tar.zst"]);
  expect(filesOf("pve-02/homelab")).toEqual(["snippets/20030-build-user-data.yaml"]);

  lab.edit("storage", /^homelab: .*\n/m, "");
  const removed = await lab.up();
  expect(removed.text).toContain("build is changed by Proxmox VE first, without a restart:");
  expect(removed.text).toContain(
    "The entry of the storage homelab goes from Proxmox VE. What is at /srv/homelab stays there.",
  );
  expect(removed.code).toBe(0);
  expect(Object.keys(lab.simulator.state.storages)).not.toContain("homelab");
  expect(filesOf("pve-02/files")).toEqual(["import/cloud-1.qcow2", "snippets/20030-build-user-data.yaml"]);
  const { 20030: build } = lab.simulator.state.guests;
  expect(build?.config["cicustom"]).toBe("user=files:snippets/20030-build-user-data.yaml");
  expect(lab.guests().map(({ vmid }) => vmid)).toEqual(before.map(({ vmid }) => vmid));
  expect((await lab.stack.preview()).changeSummary).toEqual({ same: expect.any(Number) as number });
});

test("the only disk on a storage moves away, and its entry goes in the same run", async () => {
  lab.edit("storage", /^fast: .*\n/m, "");
  lab.edit("containers", "storage: fast", "storage: local-zfs");
  const { code, text } = await lab.up();
  expect(text).toContain("web is changed by Proxmox VE first, with a restart and a copy of 4 GiB:");
  expect(code).toBe(0);
  expect(Object.keys(lab.simulator.state.storages)).not.toContain("fast");
  expect(lab.simulator.state.guests[20010]).toMatchObject({
    status: "running",
    config: { rootfs: expect.stringContaining("local-zfs:") as string },
  });
});

test("a storage with files goes if it is named, and they stay; under a new name they are found", async () => {
  fillNas();
  lab.edit("storage", "nas:", "vault:");
  lab.edit("backups", "storage: nas", "storage: vault");
  const renamed = await lab.up();
  expect(renamed.text).toContain("The storage vault shows 10.10.0.20:/volume1/proxmox, as nas did");
  expect(renamed.code).toBe(0);
  expect(filesOf("vault")).toEqual([backup, "iso/debian.iso"]);

  lab.edit("storage", "vault:", "spare:");
  lab.edit("storage", "/volume1/proxmox", "/volume3/proxmox");
  lab.edit("backups", "storage: vault", "storage: spare");
  const refused = await lab.up();
  expect(refused.text).toContain("On it: 1 backup, 1 ISO image.");
  expect(refused.writes).toEqual([]);
  expect((await lab.up("--remove-storage", "vault")).code).toBe(0);
  expect(filesOf(oldExport)).toEqual([backup, "iso/debian.iso"]);
});

function filesOf(home: string): string[] {
  return Object.keys(lab.simulator.state.volumes[home] ?? {}).sort();
}
