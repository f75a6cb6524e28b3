/** Where the simulator's time comes from: the wall, or a test that moves it. */
export interface Clock {
  readonly now: () => Date;
  /** Runs `work` when `seconds` have passed. */
  readonly after: (seconds: number, work: () => void) => void;
  /** Forgets what is still to run. */
  readonly stop: () => void;
}

/** Tells the real time, but lets no task take any: what a demo and most tests want. */
export function instantClock(): Clock {
  return {
    now: () => new Date(),
    after: (_seconds, work) => {
      work();
    },
    stop: () => undefined,
  };
}

/** Stands still until a test moves it; what comes due meanwhile runs in order. */
export class ManualClock implements Clock {
  #now: number;
  #due: { readonly at: number; readonly work: () => void }[] = [];

  constructor(start = new Date("2026-01-01T00:00:00Z")) {
    this.#now = start.getTime();
  }

  readonly now = (): Date => new Date(this.#now);

  readonly after = (seconds: number, work: () => void): void => {
    this.#due.push({ at: this.#now + seconds * 1000, work });
  };

  readonly stop = (): void => {
    this.#due = [];
  };

  /** Lets time pass. */
  advance(seconds: number): void {
    const end = this.#now + seconds * 1000;
    for (;;) {
      const next = this.#due.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#due.splice(this.#due.indexOf(next), 1);
      this.#now = next.at;
      next.work();
    }
    this.#now = end;
  }
}

/** The wall's time; tasks take as long as on a small node. */
export function realClock(): Clock {
  const timers = new Set<NodeJS.Timeout>();
  return {
    now: () => new Date(),
    after: (seconds, work) => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        work();
      }, seconds * 1000);
      timers.add(timer);
    },
    stop: () => {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
