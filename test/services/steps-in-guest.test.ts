import { resolve } from "node:path";
import { describe, expect } from "vitest";
import { loadInventory } from "../../src/inventory/load.ts";
import { guestsOf, type NamedGuest } from "../../src/plan/guests.ts";
import { planGrafana } from "../../src/plan/services/grafana.ts";
import { planInfluxDb } from "../../src/plan/services/influxdb.ts";
import type { StepPlan } from "../../src/plan/steps.ts";
import { test as base } from "../simulator/machine-test.ts";

const inventory = loadInventory(resolve(import.meta.dirname, "../.."));
const template = "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst";

/** A test with a container of the simulator, in which steps are brought about one after the other. */
const test = base.extend<{
  readonly inGuest: (script: string, input?: string) => Promise<string>;
  readonly apply: (step: StepPlan) => Promise<void>;
}>({
  inGuest: async ({ out }, use) => {
    await out(`pct create 101 ${template} --rootfs local-zfs:8 --hostname guest --start 1`);
    await use((script, input) => out(`pct exec 101 -- sh -euc '${script.replaceAll("'", `'\\''`)}'`, input));
  },
  apply: async ({ inGuest }, use) => {
    await use(async ({ files, check = "true", activate = "true", verify = "true" }) => {
      const put = async (root: string) => {
        for (const { path, mode, owner, text } of files) {
          const whole = text.map((part) => (typeof part === "string" ? part : `made-up-${part.secret}`)).join("");
          const place = `${root}${path}`;
          await inGuest(
            `mkdir -p "$(dirname ${place})"; cat > ${place}; chmod ${mode} ${place}; chown ${owner} ${place}`,
            whole,
          );
        }
      };
      await put("/tmp/staged");
      await inGuest(`STAGED=/tmp/staged\n${check}`);
      await put("");
      await inGuest(activate);
      await inGuest(verify);
    });
  },
});

describe("a guest of the simulator", () => {
  test("gets an InfluxDB with a token that is told to nobody but who asks for the result", async ({
    inGuest,
    apply,
  }) => {
    const steps = planInfluxDb(guestThatRuns("influxdb"), inventory);
    for (const step of steps) await apply(step);
    const [contents] = steps.slice(-1) as [StepPlan];
    const token = (await inGuest(contents.result ?? "false")).trim();
    expect(token).toMatch(/^\S{80,}$/);
    const database = await inGuest("cat /var/lib/influxdb/influxd.bolt");
    for (const secret of [token, "made-up-influxdbOperatorToken", "made-up-influxdbReaderPassword"])
      expect(database).not.toContain(secret);
    await apply(contents);
    expect((await inGuest(contents.result ?? "false")).trim()).toBe(token);
  });

  test("without its InfluxDB running says so", async ({ sh, inGuest, apply }) => {
    const steps = planInfluxDb(guestThatRuns("influxdb"), inventory);
    for (const step of steps) await apply(step);
    await inGuest("systemctl stop influxdb");
    const { code, err } = await sh("pct exec 101 -- homelab-influxdb verify");
    expect(code).not.toBe(0);
    expect(err).toContain("Failed to connect to 127.0.0.1 port 8086");
  });

  test("gets a Grafana whose first user's password follows its secret", async ({ inGuest, apply }) => {
    const steps = planGrafana(guestThatRuns("grafana"), inventory);
    for (const step of steps) await apply(step);
    expect(await inGuest("systemctl is-active grafana-server")).toBe("active\n");
    // What the first start leaves behind.
    await inGuest("echo first > /var/lib/grafana/grafana.db");
    const [, password] = steps as [StepPlan, StepPlan];
    await apply(password);
    const database = await inGuest("cat /var/lib/grafana/grafana.db");
    expect(database).toMatch(/^admin [0-9a-f]{64}\n$/);
    expect(database).not.toContain("made-up");
  });
});

function guestThatRuns(software: string): NamedGuest {
  const [named] = guestsOf(inventory).filter(({ guest }) => guest.runs === software);
  if (named === undefined) throw new Error(`No guest runs ${software}.`);
  return named;
}
