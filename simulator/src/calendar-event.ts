/** When something repeats: https://pve.proxmox.com/wiki/Calendar_Events */
export interface CalendarEvent {
  /** 0 is Sunday; absent where any day will do. */
  readonly weekdays?: ReadonlySet<number>;
  readonly years?: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly hours: readonly number[];
  readonly minutes: readonly number[];
  readonly seconds: readonly number[];
}

const shorthands: Readonly<Record<string, string>> = {
  minutely: "*-*-* *:*:00",
  hourly: "*-*-* *:00:00",
  daily: "*-*-* 00:00:00",
  weekly: "mon *-*-* 00:00:00",
  monthly: "*-*-01 00:00:00",
  yearly: "*-01-01 00:00:00",
  annually: "*-01-01 00:00:00",
  quarterly: "*-01,04,07,10-01 00:00:00",
  semiannually: "*-01,07-01 00:00:00",
  "semi-annually": "*-01,07-01 00:00:00",
};
const weekdayNames = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const years = { from: 1970, to: 2199 };

/**
 * Reads a calendar event: `mon..fri 02:30`, `*-*-01 04:00`, `*:0/15`, `daily`. A time without a colon is minutes.
 * @throws {Error} with what can't be read
 */
export function parseCalendarEvent(text: string): CalendarEvent {
  const words = (shorthands[text.trim().toLowerCase()] ?? text).trim().split(/\s+/);
  if (words[0] === "") throw new Error("unable to parse calendar event - empty input");
  const weekdays = /^[a-z]/i.test(words[0] ?? "") ? parseWeekdays(words.shift() ?? "") : undefined;
  const date = words[0]?.includes("-") ? words.shift() : undefined;
  const time = words.shift();
  if (words.length > 0) throw new Error(`unable to parse calendar event - unexpected '${words.join(" ")}'`);
  return { ...(weekdays === undefined ? {} : { weekdays }), ...parseDate(date ?? "*-*"), ...parseTime(time ?? "0:0") };
}

/** The first time after `after` at which an event happens in a time zone; undefined where it never does. */
export function nextEvent(event: CalendarEvent, after: Date, timezone: string): Date | undefined {
  const start = new Date(after.getTime() + offsetAt(timezone, after.getTime()));
  const day = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate()));
  // A leap day comes back after eight years at the latest.
  for (let count = 0; count < 366 * 9; count++) {
    if (matchesDay(event, day)) {
      const time = firstTimeOf(event, day.getTime(), after.getTime(), timezone);
      if (time !== undefined) return new Date(time);
    }
    day.setUTCDate(day.getUTCDate() + 1);
  }
  return undefined;
}

function matchesDay({ weekdays, years: wanted, months, days }: CalendarEvent, day: Date): boolean {
  return (
    (weekdays?.has(day.getUTCDay()) ?? true) &&
    (wanted?.has(day.getUTCFullYear()) ?? true) &&
    months.has(day.getUTCMonth() + 1) &&
    days.has(day.getUTCDate())
  );
}

function firstTimeOf(event: CalendarEvent, day: number, after: number, timezone: string): number | undefined {
  for (const hour of event.hours) {
    // Skips what is long past without looking at every minute of it.
    if (day + (hour + 3) * 3_600_000 < after - 14 * 3_600_000) continue;
    for (const minute of event.minutes) {
      for (const second of event.seconds) {
        const time = toUtc(day + ((hour * 60 + minute) * 60 + second) * 1000, timezone);
        if (time > after) return time;
      }
    }
  }
  return undefined;
}

function parseWeekdays(text: string): ReadonlySet<number> {
  const days = text.split(",").flatMap((part) => {
    const [from = "", to = from] = part.split("..");
    const [first, last] = [parseWeekday(from), parseWeekday(to)];
    const count = ((last - first + 7) % 7) + 1;
    return Array.from({ length: count }, (_, index) => (first + index) % 7);
  });
  return new Set(days);
}

function parseWeekday(text: string): number {
  const name = text.toLowerCase();
  const day = name.length < 2 ? -1 : weekdayNames.findIndex((candidate) => isShort(candidate, name));
  if (day < 0) throw new Error(`unable to parse weekday '${text}'`);
  return day;
}

function isShort(weekday: string, name: string): boolean {
  return weekday === name || weekday.slice(0, 3) === name;
}

function parseDate(text: string): Pick<CalendarEvent, "years" | "months" | "days"> {
  const parts = text.split("-");
  const [year, month = "", day = ""] = parts.length === 2 ? ["*", ...parts] : parts;
  if (parts.length > 3) throw new Error(`unable to parse date '${text}'`);
  return {
    ...(year === "*" ? {} : { years: new Set(parseField(year ?? "", years.from, years.to)) }),
    months: new Set(parseField(month, 1, 12)),
    days: new Set(parseField(day, 1, 31)),
  };
}

function parseTime(text: string): Pick<CalendarEvent, "hours" | "minutes" | "seconds"> {
  const parts = text.split(":");
  if (parts.length > 3) throw new Error(`unable to parse time '${text}'`);
  const [hours = "", minutes = "", seconds = "0"] = parts.length === 1 ? ["*", text] : parts;
  return {
    hours: parseField(hours, 0, 23),
    minutes: parseField(minutes, 0, 59),
    seconds: parseField(seconds, 0, 59),
  };
}

/** `*`, `5`, `8..17`, `0/15`, `8..17/3`, and lists of them; ascending. */
function parseField(text: string, min: number, max: number): number[] {
  const values = new Set(text.split(",").flatMap((part) => parseRange(part, min, max)));
  return [...values].sort((a, b) => a - b);
}

function parseRange(text: string, min: number, max: number): number[] {
  const [, any, first, last, step] = /^(?:(\*)|(\d+)(?:\.\.(\d+))?)(?:\/(\d+))?$/.exec(text) ?? [];
  if (any === undefined && first === undefined) throw new Error(`unable to parse '${text}'`);
  const from = first === undefined ? min : Number(first);
  const to = last !== undefined ? Number(last) : any !== undefined || step !== undefined ? max : from;
  const every = step === undefined ? 1 : Number(step);
  if (from < min || from > max || to > max) throw new Error(`value '${text}' is out of range (${min}..${max})`);
  if (to < from || every < 1) throw new Error(`unable to parse range '${text}'`);
  return Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, index) => from + index * every);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** How many milliseconds a time zone is ahead of UTC at a time. */
function offsetAt(timezone: string, time: number): number {
  const known = formats.get(timezone);
  const format = known ?? new Intl.DateTimeFormat("en-US", { timeZone: timezone, timeZoneName: "longOffset" });
  if (known === undefined) formats.set(timezone, format);
  const name = format.formatToParts(time).find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
  const [, sign = "+", hours = "0", minutes = "0"] = /^GMT([+-])(\d+):(\d+)$/.exec(name) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

/** A time of a time zone's clock, given as if it were of UTC, as the time that it is; what a change skips counts as after it. */
function toUtc(local: number, timezone: string): number {
  const guess = local - offsetAt(timezone, local);
  return local - offsetAt(timezone, guess);
}
