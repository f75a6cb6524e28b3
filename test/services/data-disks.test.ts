import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findProgram } from "../../scripts/find-program.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { planHomelab } from "../../src/plan/plan.ts";
import { mountUnitName } from "../../src/plan/services/mount-unit.ts";
import type { StepPlan } from "../../src/plan/steps.ts";
import { edited, problemsOf, writeHomelab } from "../inventory/homelab-files.ts";
import { shellcheck } from "./check-script.ts";
import { runProgram } from "./run-program.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "data-disks-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const withDisks = (disks: string) => edited("machines", "exposure:", `disks: ${disks}\n  exposure:`);

function stepsWith(disks: string): readonly StepPlan[] {
  writeHomelab(folder, withDisks(disks));
  const steps = planHomelab(loadInventory(folder)).steps.find(({ name }) => name === "proxy")?.steps ?? [];
  // Every guest has it.
  return steps.filter(({ name }) => !name.endsWith("-ssh-keys"));
}

describe("a data disk", () => {
  test("with a path gets a unit that mounts it by its slot, before any software", () => {
    const [step] = stepsWith("{ scsi1: { storage: local-zfs, size: 8 GiB, path: /srv/my-data } }");
    expect(step).toMatchObject({
      name: "proxy-scsi1-disk",
      files: [
        {
          path: "/etc/systemd/system/srv-my\\x2ddata.mount",
          mode: "0644",
          owner: "root:root",
          text: [
            `[Unit]
Description=Data disk scsi1
Wants=systemd-growfs@srv-my\\x2ddata.service

[Mount]
What=/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_drive-scsi1
Where=/srv/my-data
Type=ext4
Options=defaults,noatime

[Install]
WantedBy=multi-user.target
`,
          ],
        },
      ],
      verify: `systemctl is-enabled --quiet 'srv-my\\x2ddata.mount'
systemctl is-active --quiet 'srv-my\\x2ddata.mount'`,
    });
  });

  test("without one is left alone", () => {
    expect(stepsWith("{ scsi1: { storage: local-zfs, size: 8 GiB } }")).toEqual([]);
  });

  test("of several, an outer mount comes before what is mounted in it", () => {
    const disks = [
      "scsi1: { storage: local-zfs, size: 1 GiB, path: /srv/a }",
      "scsi2: { storage: local-zfs, size: 1 GiB, path: /srv }",
    ];
    const names = ["proxy-scsi2-disk", "proxy-scsi1-disk"];
    expect(stepsWith(`{ ${disks.join(", ")} }`).map(({ name }) => name)).toEqual(names);
    expect(stepsWith(`{ ${disks.toReversed().join(", ")} }`).map(({ name }) => name)).toEqual(names);
  });

  test("cannot share its path", () => {
    const disk = "{ storage: local-zfs, size: 1 GiB, path: /srv/a }";
    writeHomelab(folder, withDisks(`{ scsi1: ${disk}, scsi2: ${disk} }`));
    expect(problemsOf(folder)).toContain(`machines.proxy.disks.scsi2.path
  scsi1 is mounted at /srv/a already.
  Give each disk a path of its own.`);
  });

  test("has a path that needs no quoting", () => {
    writeHomelab(folder, withDisks("{ scsi1: { storage: local-zfs, size: 1 GiB, path: /srv/a b } }"));
    expect(problemsOf(folder)).toContain(`"/srv/a b" is not a path for a mount.`);
  });
});

const tools = ["dash", "wipefs", "blkid", "mkfs.ext4", "mountpoint"].filter((name) => findProgram(name) === undefined);

describe.skipIf(tools.length > 0)("the script, with util-linux and e2fsprogs on an image of a disk", () => {
  const image = () => join(folder, "disk");
  const mounted = () => join(folder, "mounted");

  beforeEach(() => {
    writeFileSync(image(), "");
    truncateSync(image(), 16 * 2 ** 20);
    mkdirSync(join(folder, "bin"));
    writeFileSync(join(folder, "bin/systemctl"), `#!/bin/sh\necho "$@" >> ${folder}/systemctl\n`);
    chmodSync(join(folder, "bin/systemctl"), 0o755);
  });

  const run = (key: "activate" | "check") => {
    const [step] = stepsWith("{ scsi1: { storage: local-zfs, size: 8 GiB, path: /srv/data } }");
    const script = (step?.[key] ?? "")
      .replaceAll("/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_drive-scsi1", image())
      .replaceAll("/srv/data", mounted())
      // The image is a file.
      .replace("[ ! -b ", "[ ! -f ");
    return runProgram("dash", ["-eu"], { input: script, path: join(folder, "bin") });
  };
  const read = (tag: string) =>
    execFileSync(findProgram("blkid") ?? "", ["-p", "-s", tag, "-o", "value", image()])
      .toString()
      .trim();

  test("makes a file system on an empty disk, once", () => {
    expect(run("check")).toEqual({ code: 0, out: "", err: "" });
    expect(run("activate")).toMatchObject({ code: 0 });
    expect([read("TYPE"), read("LABEL")]).toEqual(["ext4", "scsi1"]);
    const made = read("UUID");
    expect(run("check")).toMatchObject({ code: 0 });
    expect(run("activate")).toMatchObject({ code: 0 });
    expect(read("UUID")).toBe(made);
  });

  test.each<[string, () => void]>([
    ["another file system", () => execFileSync(findProgram("mkfs.ext4") ?? "", ["-q", "-L", "photos", image()])],
    ["no label", () => execFileSync(findProgram("mkfs.ext4") ?? "", ["-q", image()])],
    ["swap", () => execFileSync(findProgram("mkswap") ?? "", ["-L", "scsi1", image()], { stdio: "ignore" })],
    [
      "a partition table",
      () => {
        const sector = Buffer.alloc(512);
        sector.set([0x80, 0, 2, 0, 0x83, 0, 0, 0, 0, 8, 0, 0, 0, 8, 0, 0], 446);
        sector.set([0x55, 0xaa], 510);
        writeFileSync(image(), Buffer.concat([sector, Buffer.alloc(2 ** 21)]));
      },
    ],
  ])("leaves a disk with %s alone", (_what, prepare) => {
    prepare();
    const before = execFileSync("cksum", [image()]).toString();
    for (const key of ["check", "activate"] as const) {
      expect(run(key)).toMatchObject({
        code: 1,
        err: expect.stringContaining("is not empty, and what is on it was not made for") as string,
      });
    }
    expect(execFileSync("cksum", [image()]).toString()).toBe(before);
  });

  test("does not hide what is below the path", () => {
    mkdirSync(mounted());
    writeFileSync(join(mounted(), "data"), "");
    expect(run("check")).toMatchObject({ code: 1, err: expect.stringContaining("would hide what is in it") as string });
  });
});

test
  .skipIf(findProgram("systemd-escape") === undefined)
  .each(["/srv", "/var/opt/gitlab", "/srv/my-data/.x", "/.hidden/a_b.c-d"])(
  "systemd names the mount of %s so, too",
  (path) => {
    expect(`${mountUnitName(path)}\n`).toBe(runProgram("systemd-escape", ["--path", "--suffix=mount", path]).out);
  },
);

test.skipIf(findProgram("shellcheck") === undefined).each(["ext4", "xfs"])(
  "shellcheck finds nothing, with %s",
  (filesystem) => {
    const disk = `{ storage: local-zfs, size: 1 GiB, path: /srv/data, filesystem: ${filesystem} }`;
    const [step] = stepsWith(`{ scsi1: ${disk} }`);
    for (const script of [step?.check, step?.activate, step?.verify]) expect(shellcheck(script ?? "")).toBe("");
  },
);
