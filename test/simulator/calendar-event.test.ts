import { execFileSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextEvent, parseCalendarEvent } from "../../simulator/src/calendar-event.ts";

function next(text: string, after: string, timezone = "UTC"): string | undefined {
  return nextEvent(parseCalendarEvent(text), new Date(after), timezone)?.toISOString();
}

// 2026-01-01 is a Thursday.
test.each([
  ["daily", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00.000Z"],
  ["02:30", "2026-01-01T02:29:59Z", "2026-01-01T02:30:00.000Z"],
  ["02:30", "2026-01-01T02:30:00Z", "2026-01-02T02:30:00.000Z"],
  ["sun 03:00", "2026-01-01T00:00:00Z", "2026-01-04T03:00:00.000Z"],
  ["mon..fri 21:00", "2026-01-02T22:00:00Z", "2026-01-05T21:00:00.000Z"],
  ["sat..mon 1:00", "2026-01-01T00:00:00Z", "2026-01-03T01:00:00.000Z"],
  ["*:0/15", "2026-01-01T10:16:00Z", "2026-01-01T10:30:00.000Z"],
  ["*/5", "2026-01-01T10:16:00Z", "2026-01-01T10:20:00.000Z"],
  ["mon..wed 30/10", "2026-01-01T00:00:00Z", "2026-01-05T00:30:00.000Z"],
  ["8..17,22:0/15", "2026-01-01T17:50:00Z", "2026-01-01T22:00:00.000Z"],
  ["*-*-01 04:00", "2026-01-01T05:00:00Z", "2026-02-01T04:00:00.000Z"],
  ["02-29", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00.000Z"],
  ["2027-01-01 00:00:30", "2026-06-01T00:00:00Z", "2027-01-01T00:00:30.000Z"],
  ["sat *-1..7 15:00", "2026-01-01T00:00:00Z", "2026-01-03T15:00:00.000Z"],
  ["sat *-*-1..7 15:00", "2026-01-05T00:00:00Z", "2026-02-07T15:00:00.000Z"],
  ["quarterly", "2026-01-01T00:00:00Z", "2026-04-01T00:00:00.000Z"],
])("%s after %s", (text, after, expected) => {
  expect(next(text, after)).toBe(expected);
});

test("a schedule is the node's own time, summer and winter", () => {
  expect(next("02:30", "2026-01-10T12:00:00Z", "Europe/Berlin")).toBe("2026-01-11T01:30:00.000Z");
  expect(next("04:30", "2026-07-10T12:00:00Z", "Europe/Berlin")).toBe("2026-07-11T02:30:00.000Z");
  // 02:30 does not exist on this day: it becomes 03:30.
  expect(next("02:30", "2026-03-28T12:00:00Z", "Europe/Berlin")).toBe("2026-03-29T01:30:00.000Z");
});

describe("what can't be read", () => {
  test.each(["", "fnord", "25:00", "12:60", "mon..funday 1:00", "1..", "5..3", "*/0", "12:00 extra", "*-13-01"])(
    "%j",
    (text) => {
      expect(() => parseCalendarEvent(text)).toThrow(/unable to parse|out of range/);
    },
  );
});

test("the next time is after the given one, and nothing is between them", () => {
  const field = (max: number) => fc.array(fc.integer({ min: 0, max }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(field(23), field(59), fc.integer({ min: 0, max: 4e8 }), (hours, minutes, seconds) => {
      const event = parseCalendarEvent(`${hours.join(",")}:${minutes.join(",")}`);
      const after = new Date(Date.UTC(2026, 0, 1) + seconds * 1000);
      const found = nextEvent(event, after, "UTC")?.getTime() ?? 0;
      let minute = Math.floor(after.getTime() / 60_000) * 60_000;
      const matches = (time: number) =>
        hours.includes(new Date(time).getUTCHours()) && minutes.includes(new Date(time).getUTCMinutes());
      do minute += 60_000;
      while (!matches(minute));
      expect(found).toBe(minute);
    }),
  );
});

const analyzer = "/usr/bin/systemd-analyze";

describe.runIf(isProgram(analyzer))("as systemd-analyze calendar has it", () => {
  test.each(["daily", "mon..fri 02:30", "*-*-01 04:00", "sat *-*-1..7 15:00", "*:0/15", "02-29", "sun,wed 8..17/3:05"])(
    "%s",
    (text) => {
      const after = "2026-01-05 10:16:30 UTC";
      const lines = execFileSync(analyzer, ["calendar", "--base-time", after, text], {
        env: { TZ: "UTC" },
        encoding: "utf8",
      });
      const [, date = "", time = ""] = /(?:Next elapse|\(in UTC\)): \w+ (\S+) (\S+) UTC/.exec(lines) ?? [];
      expect(next(text, "2026-01-05T10:16:30Z")).toBe(`${date}T${time}.000Z`);
    },
  );
});

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
