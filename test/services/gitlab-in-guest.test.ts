import { describe, expect } from "vitest";
import { changeUnit } from "../../simulator/src/unit-incidents.ts";
import type { StepPlan } from "../../src/plan/steps.ts";
import { test } from "./guest-place.ts";

const disk = "/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_drive-scsi1";

function stepNamed(steps: readonly StepPlan[], name: string): StepPlan {
  const step = steps.find((candidate) => candidate.name === name);
  if (step === undefined) throw new Error(`There is no step ${name}.`);
  return step;
}

/** A configuration in which something is replaced. */
function changed(step: StepPlan, from: string, to: string): StepPlan {
  return {
    ...step,
    files: step.files.map((file) => ({
      ...file,
      text: file.text.map((part) => (typeof part === "string" ? part.replace(from, to) : part)),
    })),
  };
}

describe("a data disk of the simulator", () => {
  test("that holds something else is left alone", async ({ makeGuest }) => {
    const { steps, apply, run } = await makeGuest("gitlab");
    await run(`mkfs.ext4 -q -L photos ${disk}`);
    const { code, err } = await apply(stepNamed(steps, "gitlab-scsi1-disk"));
    expect(code).toBe(1);
    expect(err).toContain("is not empty, and what is on it was not made for /var/opt/gitlab: it is left alone.");
    expect(await run(`blkid -p -s LABEL -o value ${disk}`)).toBe("photos\n");
  });

  test("keeps what is on it over a restart, and is empty where it was made anew", async ({ makeGuest, out }) => {
    const { vmid, steps, apply, run } = await makeGuest("gitlab");
    expect(await apply(stepNamed(steps, "gitlab-scsi1-disk"))).toMatchObject({ code: 0 });
    await run("echo kept > /var/opt/gitlab/file");
    await out(`qm stop ${vmid} && qm start ${vmid} && sleep 60`);
    expect(await run("cat /var/opt/gitlab/file; systemctl is-active var-opt-gitlab.mount")).toBe("kept\nactive\n");
    await out(`qm stop ${vmid} && qm set ${vmid} --delete scsi1 && qm set ${vmid} --delete unused0`);
    await out(`qm set ${vmid} --scsi1 local-zfs:8 && qm start ${vmid} && sleep 60`);
    expect(await run(`wipefs --no-act --parsable ${disk}; ls -A /var/opt/gitlab`)).toBe("");
    expect(await run("systemctl is-failed var-opt-gitlab.mount; journalctl -u var-opt-gitlab.mount")).toMatch(
      /^failed\n[^]*wrong fs type/,
    );
  });
});

describe("a GitLab of the simulator", () => {
  test("stays as it was where its new configuration is refused", async ({ makeGuest, world }) => {
    const { vmid, steps, applyAll, apply, run } = await makeGuest("gitlab");
    await applyAll();
    const configuration = stepNamed(steps, "gitlab-configuration");
    const before = await run("cat /etc/gitlab/gitlab.rb");
    expect(await apply(changed(configuration, "['enable'] = false", "['enable' = false"))).toMatchObject({
      code: 1,
      err: expect.stringMatching(/syntax error found[^]*was refused by its check; nothing was changed/) as string,
    });
    expect(await apply(changed(configuration, "letsencrypt[", "letsencript["))).toMatchObject({
      code: 1,
      err: expect.stringMatching(/unsupported config value letsencript[^]*what was there before is put back/) as string,
    });
    world.transaction(() => {
      changeUnit(world.state, vmid, "gitlab-runsvdir", { verb: "reload", message: "no space left on device" });
    });
    expect(await apply(changed(configuration, "# Written", "# Rewritten"))).toMatchObject({
      code: 1,
      err: expect.stringContaining("no space left on device") as string,
    });
    expect(await run("cat /etc/gitlab/gitlab.rb")).toBe(before);
  });

  test("is backed up to the NAS by its own script", async ({ makeGuest }) => {
    const { applyAll, run } = await makeGuest("gitlab");
    await applyAll();
    await run("gitlab-backup-to-nas");
    expect(await run("cd /srv/backup && ls config data")).toMatch(
      /^config:\ngitlab_config_\d+_\d{4}_\d\d_\d\d\.tar\ndata:\n\d+_\d{4}_\d\d_\d\d_gitlab_backup\.tar\n$/,
    );
    expect(await run("tar -tf /srv/backup/config/*.tar")).toContain("etc/gitlab/gitlab-secrets.json");
    await run("systemctl stop srv-backup.mount");
    await expect(run("gitlab-backup-to-nas")).rejects.toThrow("The NAS is not mounted");
  });
});
