/** What a run has asked of the API. */
export interface RequestFigures {
  readonly count: number;
  /** All requests, one after the other. */
  readonly summedSeconds: number;
  /** How long at least one of them was under way. */
  readonly busySeconds: number;
}

/** When a request was under way, in milliseconds. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

/** Sums up requests, which overlap. */
export function sumUpRequests(intervals: readonly Interval[]): RequestFigures {
  let [busy, until] = [0, -Infinity];
  for (const { start, end } of intervals.toSorted((a, b) => a.start - b.start)) {
    busy += Math.max(0, end - Math.max(start, until));
    until = Math.max(until, end);
  }
  const summed = intervals.reduce((sum, { start, end }) => sum + end - start, 0);
  return { count: intervals.length, summedSeconds: summed / 1000, busySeconds: busy / 1000 };
}
