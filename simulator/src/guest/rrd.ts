import { createHash } from "node:crypto";

/** The spans that the API knows. */
export type Timeframe = "hour" | "day" | "week" | "month" | "year" | "decade";

/** The value of one source at a time, in seconds since 1970; undefined where nothing was measured. */
export type Source = (time: number) => number | undefined;

/** Resolution in seconds and number of points: PVE::RRD of Proxmox VE 9. */
const spans: Readonly<Record<Timeframe, readonly [resolution: number, count: number]>> = {
  hour: [60, 60],
  day: [60, 1440],
  week: [1800, 336],
  month: [1800, 1440],
  year: [21_600, 1440],
  decade: [604_800, 570],
};

/** The points of a timeframe that ends now, oldest first; a source that has no value at a time is left out there. */
export function series(
  now: number,
  timeframe: Timeframe,
  sources: Readonly<Record<string, Source>>,
): ({ time: number } & Record<string, number>)[] {
  const [resolution, count] = spans[timeframe];
  const end = Math.floor(now / resolution) * resolution;
  return Array.from({ length: count }, (_, index) => {
    const time = end - (count - 1 - index) * resolution;
    const values = Object.entries(sources).flatMap(([name, source]) => {
      const value = source(time);
      return value === undefined ? [] : [[name, value] as const];
    });
    return { time, ...Object.fromEntries(values) };
  });
}

/** A load that goes up and down around a mean over a day: the same at the same time for the same name. */
export function wave(name: string, mean: number, spread = 0.3): (time: number) => number {
  const phase = (createHash("sha256").update(name).digest()[0] ?? 0) / 256;
  return (time) => mean * (1 + spread * Math.sin(2 * Math.PI * (time / 86_400 + phase)));
}
