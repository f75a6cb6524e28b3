import { describe, expect } from "vitest";
import type { StepPlan } from "../../src/plan/steps.ts";
import { test } from "./guest-place.ts";

const intact = (steps: readonly StepPlan[]) =>
  steps.map(({ name }) => expect.stringMatching(new RegExp(`^${name} 1 [0-9a-f]{16} intact$`)) as string);

const inPlace = (steps: readonly StepPlan[]) =>
  steps.map(({ name }) => expect.objectContaining({ err: `${name}: is in place already.\n` }) as object);

describe("a guest of the simulator", () => {
  test("gets an InfluxDB with a token that is told to nobody but who asks for the result", async ({ makeGuest }) => {
    const { steps, applyAll, run, observe } = await makeGuest("influxdb");
    const token = (await applyAll()).at(-1)?.out.trim() ?? "";
    expect(token).toMatch(/^\S{80,}$/);
    const database = await run("cat /var/lib/influxdb/influxd.bolt");
    for (const secret of [token, "made-up-influxdbOperatorToken", "made-up-influxdbReaderPassword"])
      expect(database).not.toContain(secret);
    const again = await applyAll();
    expect(again).toEqual(inPlace(steps));
    expect(again.at(-1)?.out.trim()).toBe(token);
    expect(await observe()).toEqual(intact(steps));
  });

  test("without its InfluxDB running says so", async ({ makeGuest }) => {
    const { applyAll, run, observe } = await makeGuest("influxdb");
    await applyAll();
    await run("systemctl stop influxdb");
    expect((await observe()).at(-1)).toMatch(/ changed .*Failed to connect to 127\.0\.0\.1 port 8086/);
  });

  test("gets a Grafana whose first user's password follows its secret", async ({ makeGuest }) => {
    const { steps, apply, applyAll, run, observe } = await makeGuest("grafana");
    await applyAll();
    expect(await observe()).toEqual(intact(steps));
    // What the first start leaves behind.
    await run("echo first > /var/lib/grafana/grafana.db");
    await run("rm /etc/grafana/secrets/admin-password");
    for (const step of steps) expect(await apply(step)).toMatchObject({ code: 0 });
    const database = await run("cat /var/lib/grafana/grafana.db");
    expect(database).toMatch(/^admin [0-9a-f]{64}\n$/);
    expect(database).not.toContain("made-up");
  });
});

describe("a machine of the simulator", () => {
  test("gets a GitLab on a disk of its own", async ({ makeGuest }) => {
    const { steps, applyAll, run, observe } = await makeGuest("gitlab");
    await applyAll();
    expect(await run("blkid -p -s TYPE -o value /dev/sdb; mountpoint /var/opt/gitlab; gitlab-ctl status puma")).toMatch(
      /^ext4\n\/var\/opt\/gitlab is a mountpoint\nrun: puma: /,
    );
    expect(await run("cat /var/opt/gitlab/postgresql/data/*.json")).toMatch(
      /"rootPassword":"[0-9a-f]{64}","settings":\{"signup_enabled":false\}/,
    );
    expect(await applyAll()).toEqual(inPlace(steps));
    expect(await observe()).toEqual(intact(steps));
  });
});
