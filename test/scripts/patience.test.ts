import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watchPatience } from "../../scripts/patience.ts";

const start = Date.UTC(2026, 0, 1) / 1000;
const urn = "urn:pulumi:demo::homelab::proxmoxve:storage/nfs:Nfs::nas";
const begun = JSON.stringify({
  timestamp: start,
  resourcePreEvent: { metadata: { op: "create", urn, new: { inputs: { resourceId: "nas", nodes: ["pve-01"] } } } },
});
const ended = JSON.stringify({ timestamp: start + 400, resOutputsEvent: { metadata: { op: "create", urn } } });

let lines: string[];
const say = (line: string) => lines.push(line.replace(/\d\d:\d\d:\d\d/, "TIME"));

beforeEach(() => {
  vi.useFakeTimers({ now: start * 1000 });
  vi.stubEnv("HOMELAB_PATIENCE_SECONDS", undefined);
  lines = [];
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

test("what a run waits for is said after two minutes, and then each time that it took twice as long", () => {
  const { signal, end } = watchPatience(() => begun, undefined, say);
  vi.advanceTimersByTime(110_000);
  expect(lines).toEqual([]);
  vi.advanceTimersByTime(890_000);
  end();
  expect(lines).toEqual(
    ["2 minutes", "4 minutes", "8 minutes", "16 minutes"].map(
      (time) => `Still waiting for the storage nas on pve-01: create since TIME, ${time} by now.`,
    ),
  );
  expect(signal.aborted).toBe(false);
});

test("a run is stopped once something takes longer than anything may, and said nothing of any more", () => {
  const { signal } = watchPatience(() => begun, undefined, say);
  vi.advanceTimersByTime(4_520_000);
  expect(signal.aborted).toBe(true);
  expect(lines.slice(-2)).toEqual([
    "Still waiting for the storage nas on pve-01: create since TIME, 75 minutes by now.",
    "Nothing may take longer than 75 minutes: the run is stopped. HOMELAB_PATIENCE_SECONDS makes it wait longer.",
  ]);
  const said = lines.length;
  vi.advanceTimersByTime(4_520_000);
  expect(lines).toHaveLength(said);
});

test("what has ended is not waited for", () => {
  const { signal } = watchPatience(() => `${begun}\n${ended}\n`, undefined, say);
  vi.advanceTimersByTime(9_000_000);
  expect([lines, signal.aborted]).toEqual([[], false]);
});

test("HOMELAB_PATIENCE_SECONDS decides, but not for what has a limit of its own; what is no number is refused", () => {
  vi.stubEnv("HOMELAB_PATIENCE_SECONDS", "600");
  const patient = watchPatience(() => begun, undefined, say);
  const impatient = watchPatience(
    () => begun,
    120,
    () => undefined,
  );
  vi.advanceTimersByTime(130_000);
  expect([patient.signal.aborted, impatient.signal.aborted]).toEqual([false, true]);
  vi.advanceTimersByTime(480_000);
  expect(patient.signal.aborted).toBe(true);
  vi.stubEnv("HOMELAB_PATIENCE_SECONDS", "an hour");
  watchPatience(() => begun, undefined, say).end();
  expect(lines.at(-1)).toBe("HOMELAB_PATIENCE_SECONDS is an hour, which is no number of seconds; it is 4500 now.");
});
