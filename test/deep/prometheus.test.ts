import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderQuestions } from "../../src/provision/observe-steps.ts";
import { renderObserve } from "../../src/provision/render-commands.ts";
import { DebianGuest, obstacle } from "./debian-guest.ts";
import { applyStep, eventually, inventory, packagesOf, place, required, stepsOf } from "./guest-steps.ts";

// What the guest prometheus receives, in a real Debian 13 with its own systemd; the steps build on each other.
/** Its program is a download from the internet, which the guest does not have here. */
const left = ["prometheus-pve-exporter-program", "prometheus-pve-exporter"];
const steps = stepsOf("prometheus").filter(({ name }) => !left.includes(name));

const guest = new DebianGuest();
const reason = obstacle() ?? guest.install("trixie", packagesOf(steps));

const query = (expression: string) => {
  const { stdout } = guest.fetch(`http://127.0.0.1:9090/api/v1/query?query=${encodeURIComponent(expression)}`);
  return stdout === "" ? [] : (JSON.parse(stdout) as { data: { result: { value: [number, string] }[] } }).data.result;
};

describe.skipIf(reason !== undefined)(`a real Debian${reason === undefined ? "" : ` (skipped: ${reason})`}`, () => {
  beforeAll(async () => {
    await guest.start("prometheus", "10.20.0.11");
  });

  afterAll(async () => {
    await guest.remove();
  });

  test.each(steps.map((step) => [step.name, step] as const))("takes %s", (_, step) => {
    const { code, stderr } = applyStep(guest, step);
    expect(stderr).toContain(`${step.name}: is in place.`);
    expect(code).toBe(0);
  });

  test("has all of it in place already, the second time", () => {
    for (const step of steps) expect(applyStep(guest, step).stderr).toBe(`${step.name}: is in place already.\n`);
  });

  test("is seen to be as it was set up", () => {
    const { stdout } = guest.run(renderObserve(place), renderQuestions(steps));
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.replace(/ [0-9a-f]{16} /, " ")),
    ).toEqual(steps.map(({ name }) => `${name} 1 intact`));
  });

  test("runs Prometheus, which scrapes itself and a real exporter at the guest's own address", async () => {
    const up = await eventually(
      () => query('up{instance=~".*10.20.0.11.*|prometheus.*"} == 1'),
      (found) => found.length >= 2,
    );
    expect(up.length).toBeGreaterThanOrEqual(2);
    expect(query("node_uname_info").length).toBeGreaterThanOrEqual(1);
  });

  test("takes another scrape interval by a reload", async () => {
    const changed = {
      ...inventory,
      services: {
        ...inventory.services,
        prometheus: { ...required(inventory.services.prometheus), scrapeInterval: 7 },
      },
    };
    const step = required(stepsOf("prometheus", changed).find(({ name }) => name === "prometheus-configuration"));
    const pid = guest.run("systemctl show -p MainPID --value prometheus", "").stdout;
    const { stderr } = applyStep(guest, step, 2);
    expect(stderr.match(/is replaced/g)).toHaveLength(1);
    const config = await eventually(
      () => guest.fetch("http://127.0.0.1:9090/api/v1/status/config").stdout,
      (text) => text.includes("scrape_interval: 7s"),
    );
    expect(config).toContain("scrape_interval: 7s");
    expect(guest.run("systemctl show -p MainPID --value prometheus", "").stdout).toBe(pid);
  });

  test("refuses what promtool refuses, and goes on with what it has", () => {
    const step = required(steps.find(({ name }) => name === "prometheus-configuration"));
    const files = step.files.map((file) =>
      file.path.endsWith("/prometheus.yml") ? { ...file, text: ["scrape: 1\n"] } : file,
    );
    const { code, stderr } = applyStep(guest, { ...step, files }, 3);
    expect(code).toBe(1);
    expect(stderr).toContain("field scrape not found");
    expect(stderr).toContain("was refused by its check; nothing was changed.");
    expect(guest.run("cat /etc/prometheus/prometheus.yml", "").stdout).toContain("scrape_interval: 7s");
  });

  test("puts back what was there when the service does not start, and shows its journal", () => {
    const step = required(steps.find(({ name }) => name === "prometheus-arguments"));
    const files = step.files.map((file) => ({ ...file, text: ['ARGS="--no.such.flag"\n'] }));
    const { code, stderr } = applyStep(guest, { ...step, files, units: ["prometheus"] }, 2);
    expect(code).toBe(1);
    expect(stderr).toContain("no.such.flag");
    expect(guest.run("systemctl is-active prometheus", "").stdout).toBe("active\n");
  });
});
